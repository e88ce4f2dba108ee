// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.websocket;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server to speak WebSocket as frpc asks, and leaves its place to {@link WebSocketBytes}.
 * For a channel that is active, and encrypted where it is to be.
 */
public final class ClientHandshake extends ByteToMessageDecoder {

  private static final int KEY_BYTES = 16;
  private static final int SHOWN_CHARACTERS = 80;
  private static final String SWITCHED = "HTTP/1.1 101";

  private final String server;
  private final Duration patience;
  private final Promise<Void> agreed;
  private final String key;
  private @Nullable ScheduledFuture<?> deadline;

  /**
   * @param server as a URL names it
   * @param agreed fails if the server does not agree in time, or in other words
   */
  public ClientHandshake(String server, Duration patience, Promise<Void> agreed) {
    this.server = server;
    this.patience = patience;
    this.agreed = agreed;
    var random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    this.key = Base64.getEncoder().encodeToString(random);
    setSingleDecode(true);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    Agreement.send(ctx, Agreement.request(server, key));
    deadline =
        ctx.executor()
            .schedule(
                () -> fail(Code.TIMEOUT, "no answer to a request for WebSocket"),
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    if (deadline != null) {
      deadline.cancel(false);
    }
    fail(Code.CLOSED, "the server closed the connection instead of speaking WebSocket");
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    try {
      var head = HttpHead.takeFrom(in);
      if (head.isEmpty()) {
        return;
      }
      if (!isAgreed(head.get())) {
        var first = head.get().firstLine();
        var shown = first.substring(0, Math.min(first.length(), SHOWN_CHARACTERS));
        fail(
            Code.REFUSED,
            "%s answers a request for WebSocket at %s with: %s"
                .formatted(server, Agreement.PATH, shown));
        return;
      }
      ctx.pipeline().replace(this, null, WebSocketBytes.ofClient(ctx.channel()));
      agreed.trySuccess(null);
    } catch (TunnelException malformed) {
      agreed.tryFailure(malformed);
    }
  }

  private boolean isAgreed(HttpHead head) {
    return head.firstLine().startsWith(SWITCHED)
        && Agreement.isToSwitch(head::header)
        && Agreement.proof(key).equals(head.header(Agreement.ACCEPT));
  }

  private void fail(Code code, String why) {
    agreed.tryFailure(new TunnelException(code, why));
  }
}
