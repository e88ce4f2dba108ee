// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.loop.Limit;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;

/** Where a request goes: asked again before each new attempt to connect. */
public interface Origin {

  Future<Upstream> locate();

  /** What a request there is called by who follows it. */
  default String step() {
    return "upstream";
  }

  /** How long it may take to connect, and to give the first byte of an answer. */
  default Patience patience() {
    return Patience.USUAL;
  }

  /** Limits of an upstream that has not answered yet. */
  enum Patience {
    USUAL(Limit.CONNECT, Limit.SERVER),

    /** AppAPI asks again and again whether an ExApp is up: that is not to take half an hour. */
    HEARTBEAT(Limit.HEARTBEAT, Limit.HEARTBEAT);

    private final Limit connect;
    private final Limit firstByte;

    Patience(Limit connect, Limit firstByte) {
      this.connect = connect;
      this.firstByte = firstByte;
    }

    public Limit connect() {
      return connect;
    }

    public Limit firstByte() {
      return firstByte;
    }
  }

  /** The upstream has answered with this status, first final one or 101. */
  default void answered(int status) {}

  /** A part of its answer is on its way; it stays the caller's. */
  default void passes(ByteBuf part) {}
}
