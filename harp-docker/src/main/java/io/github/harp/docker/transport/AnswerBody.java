// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import io.github.harp.core.HarpException;
import io.netty.buffer.ByteBuf;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as it arrives. Reading blocks and throws {@link HarpException} when the
 * answer does not come, is cut, or is longer than allowed.
 */
final class AnswerBody extends InputStream {

  private final EngineExchange exchange;
  private final String what;
  private final long limitBytes;
  private long takenBytes;
  private @Nullable ByteBuf current;
  private boolean ended;

  AnswerBody(EngineExchange exchange, String what, long limitBytes) {
    this.exchange = exchange;
    this.what = what;
    this.limitBytes = limitBytes;
  }

  @Override
  public int read() {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    var chunk = current();
    if (chunk == null) {
      return -1;
    }
    var count = Math.min(length, chunk.readableBytes());
    chunk.readBytes(target, offset, count);
    return count;
  }

  private @Nullable ByteBuf current() {
    if (current != null && current.isReadable()) {
      return current;
    }
    release();
    if (ended) {
      return null;
    }
    current = exchange.takeChunk();
    ended = current == null;
    if (current != null) {
      takenBytes += current.readableBytes();
      if (takenBytes > limitBytes) {
        close();
        throw new HarpException(
            HarpException.Code.FAILED,
            what + ": the answer has more than " + limitBytes + " bytes, which no engine sends");
      }
    }
    return current;
  }

  private void release() {
    if (current != null) {
      current.release();
      current = null;
    }
  }

  @Override
  public void close() {
    release();
    ended = true;
    exchange.close();
  }
}
