// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.AttributeKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has come of messages and compressed chunks that are not complete, of all streams together.
 * No credit holds it back, since only its rest makes it useful. Beyond the limit those streams are
 * reset that have kept theirs for longest. Thread-safe.
 */
public final class Unfinished {

  private static final AttributeKey<Unfinished> KEY = AttributeKey.valueOf(Unfinished.class, "all");

  private final long limit;

  /** Of each decoder, oldest first. */
  private final Map<ChannelHandlerContext, Integer> bytes = new LinkedHashMap<>();

  private long total;

  /**
   * @param limit in bytes
   */
  public Unfinished(long limit) {
    this.limit = limit;
  }

  /** Has the decoders of this channel count here. */
  public void watch(Channel stream) {
    stream.attr(KEY).set(this);
  }

  /** Where those of this channel count; null if nowhere. */
  public static @Nullable Unfinished of(Channel stream) {
    return stream.attr(KEY).get();
  }

  /** A decoder keeps so much of what is not complete, which may be nothing. */
  public void keeps(ChannelHandlerContext decoder, int now) {
    List<Channel> over = new ArrayList<>();
    synchronized (this) {
      Integer before = now == 0 ? bytes.remove(decoder) : bytes.put(decoder, now);
      total += now - (before == null ? 0 : before);
      var oldest = bytes.entrySet().iterator();
      while (total > limit) {
        var next = oldest.next();
        total -= next.getValue();
        over.add(next.getKey().channel());
        oldest.remove();
      }
    }
    over.forEach(stream -> stream.eventLoop().execute(() -> Reset.of(stream)));
  }

  /** Bytes that are kept right now. */
  public synchronized long current() {
    return total;
  }
}
