// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.pki.ServerCredentials;
import io.github.harp.tunnel.pki.stock.Credential;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** TLS as it is part of QUIC, which makes it with a library of its own. */
public final class QuicContexts {

  private QuicContexts() {}

  static QuicSslContext server(Credential self) {
    return QuicSslContextBuilder.forServer(self.key(), null, self.certificate())
        .applicationProtocols(Terms.PROTOCOL)
        .build();
  }

  static QuicSslContext server(ServerCredentials credentials) {
    var clients = credentials.clients();
    if (clients.isEmpty()) {
      return server(credentials.self());
    }
    return QuicSslContextBuilder.forServer(
            credentials.self().key(), null, credentials.self().certificate())
        .trustManager(clients.get())
        .clientAuth(ClientAuth.REQUIRE)
        .applicationProtocols(Terms.PROTOCOL)
        .build();
  }

  /**
   * For a client.
   *
   * @param key null for one that shows no certificate
   * @param trusted whose signature the server's certificate has to have; empty: it is <em>not
   *     verified</em>, as in frpc
   */
  public static SslContext client(
      @Nullable PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trusted) {
    var builder = QuicSslContextBuilder.forClient().applicationProtocols(Terms.PROTOCOL);
    if (key != null) {
      builder.keyManager(key, null, chain.toArray(X509Certificate[]::new));
    }
    if (trusted.isEmpty()) {
      return builder
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null)
          .build();
    }
    return builder.trustManager(trusted.toArray(X509Certificate[]::new)).build();
  }

  /** Makes a failure of it when the peer ends a connection for what it thinks of our TLS. */
  @Sharable
  static final class PeerAlerts extends ChannelInboundHandlerAdapter {

    /** Those of RFC 8446 that say what to change. */
    private static final Map<Integer, String> NAMES =
        Map.of(
            42, "bad certificate",
            43, "unsupported certificate",
            44, "certificate revoked",
            45, "certificate expired",
            46, "certificate unknown",
            48, "unknown ca",
            112, "unrecognized name",
            116, "certificate required",
            120, "no application protocol");

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof QuicConnectionCloseEvent end && end.isTlsError()) {
        var alert = QuicConnectionCloseEvent.extractTlsError(end.error());
        ctx.fireExceptionCaught(
            new SSLHandshakeException(
                "Received fatal alert: " + NAMES.getOrDefault(alert, String.valueOf(alert))));
      }
      ctx.fireUserEventTriggered(event);
    }
  }
}
