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
    public NewProxyResp {
      proxyName = Fields.text(proxyName);
      remoteAddr = Fields.text(remoteAddr);
      error = Fields.text(error);
    }

    @Override
    public MessageType type() {
      return MessageType.NEW_PROXY_RESP;
    }

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
    public MessageType type() {
      return MessageType.REQ_WORK_CONN;
    }

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

    public Pong {
      error = Fields.text(error);
    }

    @Override
    public MessageType type() {
      return MessageType.PONG;
    }

    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong) {
      pong.accept(this);
    }
  }
}
