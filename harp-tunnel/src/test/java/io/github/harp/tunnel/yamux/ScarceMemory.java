// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.stream.Bridge;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.StreamChannel;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Eight MiB for all sessions, peers that send as much as they have credit for, and readers that
 * fetch when a test says so.
 */
abstract class ScarceMemory {

  static final int MIB = 1 << 20;
  static final int PIECE = 16 * 1024;
  static final String PING = "000200010000000000000001";

  final HeldBytes all = HeldBytes.limitedTo(8 * MIB);
  final YamuxSession.Options options =
      new YamuxSession.Options(2048, 1 << 30, new YamuxSession.Pings(), all);

  /** The near end of a bridge, on another event loop, to the stream of this reader. */
  Channel across(Reader reader, EmbeddedChannel elsewhere) {
    var near = Bridge.across(reader.stream.channel, elsewhere.eventLoop(), all);
    elsewhere.runPendingTasks();
    reader.stream.channel.pipeline().remove(reader.stream);
    reader.stream.setAutoRead(true);
    return near.getNow();
  }

  /** A connection that only takes part. */
  static final class Neighbour implements HeldBytes.Holder {
    @Override
    public void reclaim(long patienceNanos) {}
  }

  /** A peer that sends as much as it has credit for, in turns, to readers who fetch when told. */
  final class Sender {

    final RawPeer peer = RawPeer.ofServer(options);
    private final List<Reader> readers = new ArrayList<>();
    private int turn;

    Sender(int streams) {
      for (int i = 0; i < streams; i++) {
        int id = 2 * i + 1;
        peer.sends("00010001" + String.format("%08x", id) + "00000000");
        peer.stream(i).setAutoRead(false);
        readers.add(new Reader(id, peer.stream(i)));
      }
      peer.received();
    }

    /** Each is about to be told to send. */
    Sender begins() {
      readers.forEach(reader -> ((StreamChannel) reader.stream.channel).beginPayload());
      return this;
    }

    Reader reader(int index) {
      return readers.get(index);
    }

    boolean isRead() {
      return peer.connection.config().isAutoRead();
    }

    long leastFetched() {
      return readers.stream().mapToLong(reader -> reader.stream.readBytes).min().orElseThrow();
    }

    /** Of all streams, after the updates that have come. */
    long credit() {
      takesUpdates();
      return readers.stream().mapToLong(reader -> reader.credit).sum();
    }

    /** What may come of all before somebody else's has its turn: one piece of each at most. */
    long nextRoundBytes() {
      takesUpdates();
      return readers.stream().mapToLong(reader -> Math.min(reader.credit, PIECE)).sum();
    }

    void sendsWhatItMay() {
      takesUpdates();
      for (int idle = 0; idle < readers.size() && isRead(); turn++) {
        idle = sendsPiece(readers.get(turn % readers.size())) ? 0 : idle + 1;
      }
    }

    boolean sendsPiece(Reader reader) {
      int bytes = (int) Math.min(reader.credit, PIECE);
      boolean may = bytes > 0 && !reader.stream.inactive;
      if (may) {
        reader.credit -= bytes;
        peer.sendsData(reader.id, new byte[bytes]);
      }
      return may;
    }

    void eachReaderFetches(int bytes) {
      readers.forEach(reader -> reader.fetches(bytes));
    }

    private void takesUpdates() {
      byte[] sent = peer.receivedBytes();
      Frames.visit(
          sent,
          (at, type, stream, length) -> {
            if (type == FrameHeader.TYPE_WINDOW_UPDATE) {
              readers.get(stream / 2).credit += length;
            }
          });
    }
  }

  /** Who is behind one stream. */
  static final class Reader {

    final int id;
    final RawPeer.AcceptedStream stream;
    long credit = ReceiveWindow.INITIAL_BYTES;

    Reader(int id, RawPeer.AcceptedStream stream) {
      this.id = id;
      this.stream = stream;
    }

    /** At least this much, if that is there: whole messages. */
    void fetches(int bytes) {
      long wanted = (long) stream.readBytes + bytes;
      int before = -1;
      while (stream.readBytes < wanted && stream.readBytes != before && !stream.inactive) {
        before = stream.readBytes;
        stream.fetchOne();
      }
    }
  }
}
