// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the TLS library's words are; what real peers cause is tested with the real frpc. */
class TlsMismatchTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Empty client certificate chain",
        "error:100000c0:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE",
        "error:0A0000C7:SSL routines::peer did not return a certificate"
      })
  void aMissingCertificateIsNamed(String message) {
    assertThat(TlsMismatch.of(new SSLHandshakeException(message)).text())
        .contains("without a certificate", "transport.tls.certFile", "/certs/frp");
  }

  @Test
  void aForeignCertificateIsNamedHoweverDeepItsCauseIs() {
    var failure = new SSLHandshakeException("General OpenSslEngine problem");
    failure.initCause(new SSLException(new CertificateException("no path")));

    assertThat(TlsMismatch.of(failure).text())
        .contains("not of this server's authority", "no path", "transport.tls.certFile");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Received fatal alert: bad_certificate",
        "Received fatal alert: unknown_ca",
        "error:1000042e:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA"
      })
  void aClientThatDoesNotTrustUsIsToldWhatToTrust(String message) {
    assertThat(TlsMismatch.of(new SSLException(message)).text())
        .contains("does not trust", "transport.tls.trustedCaFile", "transport.tls.serverName");
  }

  @Test
  void otherFailuresKeepTheirWords() {
    assertThat(TlsMismatch.of(new ClosedChannelException()).text())
        .contains("left", "trustedCaFile");
    assertThat(TlsMismatch.of(new SSLHandshakeException("no cipher suites in common")).text())
        .isEqualTo("TLS handshake: no cipher suites in common; expected is TLS 1.2 or 1.3");
  }
}
