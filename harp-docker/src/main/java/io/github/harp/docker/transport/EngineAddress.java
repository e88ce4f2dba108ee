// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import io.github.harp.core.notice.Tracing;
import io.github.harp.core.upstream.Upstream;
import io.netty.channel.EventLoopGroup;

/**
 * Where an engine is and what it may send.
 *
 * @param name for messages, {@code engine 24000}
 * @param loops where connections live
 * @param tracing follows each call
 * @param answerLimitBytes bytes that the body of one answer may have
 */
public record EngineAddress(
    String name, Upstream upstream, EventLoopGroup loops, Tracing tracing, long answerLimitBytes) {

  private static final long DEFAULT_ANSWER_LIMIT_BYTES = 8 * 1024 * 1024;

  public EngineAddress(String name, Upstream upstream, EventLoopGroup loops, Tracing tracing) {
    this(name, upstream, loops, tracing, DEFAULT_ANSWER_LIMIT_BYTES);
  }
}
