// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import java.util.function.Consumer;

/** What a server says on a control connection to whom it has let in. */
public sealed interface ServerMessage extends Message {

  /** Calls the one that fits. */
  void when(
      Consumer<ReqWorkConn> workConnectionWanted,
      Consumer<NewProxyResp> proxyAnswered,
      Consumer<Pong> pong);

  /**
   * The answer to a {@link ClientMessage.NewProxy}; {@code remoteAddr} is {@code :port} for tcp.
   */
  record NewProxyResp(String proxyName, String remoteAddr, String error) implements ServerMessage {
    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong) {
      proxyAnswered.accept(this);
    }
  }

  /** The server asks the client for one more work connection. */
  record ReqWorkConn() implements ServerMessage {
    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong) {
      workConnectionWanted.accept(this);
    }
  }

  /** The server's answer to a {@link ClientMessage.Ping}. */
  record Pong(String error) implements ServerMessage {
    public static final Pong OK = new Pong("");

    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong) {
      pong.accept(this);
    }
  }
}
