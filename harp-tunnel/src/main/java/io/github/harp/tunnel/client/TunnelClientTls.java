// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * How a tunnel client encrypts its connections.
 *
 * @param context asked at each connection, so that renewed certificates take effect without a
 *     restart; may block
 * @param quicContext the same for QUIC, which has a TLS of its own; empty where it can't be used
 * @param serverName the name that the server's certificate must carry, and the SNI; empty means the
 *     dialled address
 * @param frpFirstByte whether frp's private byte 0x17 precedes the handshake, as clients before
 *     0.50 did
 */
public record TunnelClientTls(
    Callable<SslContext> context,
    Optional<Callable<SslContext>> quicContext,
    Optional<String> serverName,
    boolean frpFirstByte) {

  /** With a context made elsewhere, for instance {@code CertificateAuthority::clientContext}. */
  public static TunnelClientTls of(Callable<SslContext> context, String serverName) {
    return new TunnelClientTls(context, Optional.empty(), Optional.of(serverName), false);
  }

  /**
   * With PEM files, read again at each connection.
   *
   * @param certificate shown to the server, together with {@code key}; both or none
   * @param trustedCa what the server's certificate must chain to. Empty: the server is <em>not
   *     verified</em>, as in frpc; that is also the only way to reach an frps that has no
   *     certificate configured
   */
  public static TunnelClientTls files(
      Optional<Path> certificate,
      Optional<Path> key,
      Optional<Path> trustedCa,
      Optional<String> serverName) {
    return new TunnelClientTls(
        TlsFiles.overTcp(certificate, key, trustedCa),
        Optional.of(TlsFiles.overQuic(certificate, key, trustedCa)),
        serverName,
        false);
  }

  /**
   * Without a certificate to show, for a server whose own is of an authority that this JVM trusts.
   */
  public static TunnelClientTls publicServer(Optional<String> serverName) {
    return new TunnelClientTls(
        () -> SslContextBuilder.forClient().build(), Optional.empty(), serverName, false);
  }

  public TunnelClientTls withFrpFirstByte(boolean send) {
    return new TunnelClientTls(context, quicContext, serverName, send);
  }
}
