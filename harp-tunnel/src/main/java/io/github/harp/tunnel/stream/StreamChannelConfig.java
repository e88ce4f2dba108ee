// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link StreamChannel}.
 *
 * <p>{@link ChannelOption#ALLOW_HALF_CLOSURE} and {@link ChannelOption#SO_LINGER} mean what they
 * mean for a TCP channel; a linger of 0 turns {@code close()} into a reset.
 */
final class StreamChannelConfig extends DefaultChannelConfig {

  private static final int NO_LINGER_SET = -1;

  private final StreamChannel stream;
  private volatile boolean allowsHalfClosure;
  private volatile int soLinger = NO_LINGER_SET;

  StreamChannelConfig(StreamChannel stream) {
    super(stream);
    this.stream = stream;
  }

  /** Whether {@code close()} is to abort the stream. */
  boolean resetsOnClose() {
    return soLinger == 0;
  }

  /** Whether the end of the peer's bytes leaves the channel open. */
  boolean allowsHalfClosure() {
    return allowsHalfClosure;
  }

  @Override
  protected void autoReadCleared() {
    stream.stopReading();
  }

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(
        super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE, ChannelOption.SO_LINGER);
  }

  @Override
  @SuppressWarnings("unchecked") // an option names the type of its value
  public <T> @Nullable T getOption(ChannelOption<T> option) {
    if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
      return (T) Boolean.valueOf(allowsHalfClosure);
    }
    if (option == ChannelOption.SO_LINGER) {
      return (T) Integer.valueOf(soLinger);
    }
    return super.getOption(option);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
      allowsHalfClosure = (Boolean) value;
      return true;
    }
    if (option == ChannelOption.SO_LINGER) {
      soLinger = (Integer) value;
      return true;
    }
    return super.setOption(option, value);
  }
}
