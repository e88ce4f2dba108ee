// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.stream.Bridge;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.Holding;
import io.netty.channel.ChannelHandler;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The streams of a session: those that are open, or closed by us and not yet by the peer. */
final class Streams implements HeldBytes.Holder {

  private static final Logger LOG = LoggerFactory.getLogger(YamuxSession.class);

  private final YamuxSession session;
  private final SessionCredit credit;
  private final HeldBytes heldBytes;
  private final IntObjectMap<YamuxStreamChannel> byId = new IntObjectHashMap<>();
  private int most;

  Streams(YamuxSession session, YamuxSession.Options options) {
    this.session = session;
    this.heldBytes = options.heldBytes();
    this.credit = new SessionCredit(options.budgetBytes(), heldBytes);
    this.most = options.maxStreams();
  }

  SessionCredit credit() {
    return credit;
  }

  int count() {
    return byId.size();
  }

  void limit(int streams) {
    most = streams;
  }

  boolean hasRoom() {
    return byId.size() < most && credit.hasRoomForAStream();
  }

  YamuxStreamChannel add(int id, ChannelHandler handler) {
    var stream =
        new YamuxStreamChannel(
            session, id, new ReceiveWindow(credit, session.connection().eventLoop().ticker()));
    stream.pipeline().addLast(handler);
    byId.put(id, stream);
    return stream;
  }

  @Nullable YamuxStreamChannel find(int id) {
    return byId.get(id);
  }

  /** It carries nothing yet, or no more, and ends so when there are too many such. */
  void isIdle(YamuxStreamChannel stream, Runnable end) {
    heldBytes.idle().add(stream, end);
  }

  void remove(YamuxStreamChannel stream) {
    byId.remove(stream.streamId());
    heldBytes.idle().remove(stream);
  }

  /** The connection is gone, and they with it. */
  void end(TunnelException cause) {
    List.copyOf(byId.values()).forEach(stream -> end(stream, cause));
    byId.clear();
  }

  private void end(YamuxStreamChannel stream, TunnelException cause) {
    stream.onSessionEnd(cause);
    heldBytes.idle().remove(stream);
  }

  @Override
  public void reclaim(long patienceNanos) {
    session.connection().eventLoop().execute(() -> resetStale(patienceNanos));
  }

  /** The largest first, as long as others need the room. */
  private void resetStale(long patienceNanos) {
    var stale =
        byId.values().stream()
            .filter(stream -> stream.holding().isStale(patienceNanos))
            .filter(stream -> Bridge.standsStillBehind(stream, patienceNanos))
            .sorted(Comparator.comparingInt(stream -> -stream.holding().bytes()))
            .toList();
    int count = 0;
    while (count < stale.size() && heldBytes.isExhausted()) {
      stale.get(count++).reset(Holding.nobodyReads());
    }
    if (count > 0) {
      LOG.warn(
          "{}: reset {} streams whose readers fetched nothing while the memory for slow readers"
              + " was used up",
          session.connection(),
          count);
    }
  }
}
