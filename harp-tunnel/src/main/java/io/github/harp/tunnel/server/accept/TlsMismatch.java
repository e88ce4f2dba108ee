// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.server.RefusalCode;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Objects;

/**
 * Says why a client and this server do not agree on TLS, and what to set in the client's frpc.toml:
 * frpc itself prints no more than "EOF".
 */
record TlsMismatch(RefusalCode code, String text) {

  private static final String CLIENT_FILES =
      "set transport.tls.certFile and transport.tls.keyFile to this server's client.crt and"
          + " client.key (ExApps and engines: in /certs/frp)";

  private static final String TRUSTED_CA =
      "set transport.tls.trustedCaFile to this server's ca.crt (ExApps and engines: in /certs/frp)"
          + " and transport.tls.serverName to a name in its certificate";

  static final String CLIENT_WITHOUT_TLS =
      "a client without TLS; TLS is required here: set transport.tls.enable = true, then "
          + CLIENT_FILES;

  static final String SERVER_WITHOUT_TLS =
      "a client with TLS; this server has TLS switched off and no certificate: set"
          + " transport.tls.enable = false, or switch TLS on here";

  /** Why a handshake failed. */
  static TlsMismatch of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException
          || cause instanceof CertPathBuilderException
          || cause instanceof CertPathValidatorException) {
        return new TlsMismatch(
            RefusalCode.CLIENT_CERTIFICATE,
            "the client's TLS certificate is not of this server's authority ("
                + Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName())
                + "): "
                + CLIENT_FILES);
      }
    }
    String message =
        Objects.requireNonNullElse(failure.getMessage(), failure.getClass().getSimpleName());
    String words = message.toLowerCase(Locale.ROOT).replace('_', ' ');
    if (words.contains("empty client certificate") || words.contains("did not return a cert")) {
      return new TlsMismatch(
          RefusalCode.CLIENT_CERTIFICATE,
          "a TLS client without a certificate; one is required here: " + CLIENT_FILES);
    }
    if (words.contains("no application protocol")) {
      return new TlsMismatch(
          RefusalCode.NOT_FRP,
          "a client that speaks another protocol over QUIC; expected ALPN \"frp\", as frpc has it"
              + " with transport.protocol = \"quic\"");
    }
    if (words.contains("alert")
        && (words.contains("certificate") || words.contains("unknown ca"))) {
      return new TlsMismatch(
          RefusalCode.SERVER_CERTIFICATE,
          "the client does not trust this server's TLS certificate ("
              + message
              + "): "
              + TRUSTED_CA);
    }
    if (failure instanceof ClosedChannelException) {
      return new TlsMismatch(
          RefusalCode.SERVER_CERTIFICATE,
          "the client left during the TLS handshake; if it does not trust this server's"
              + " certificate, "
              + TRUSTED_CA);
    }
    return new TlsMismatch(
        RefusalCode.TLS_FAILED, "TLS handshake: " + message + "; expected is TLS 1.2 or 1.3");
  }
}
