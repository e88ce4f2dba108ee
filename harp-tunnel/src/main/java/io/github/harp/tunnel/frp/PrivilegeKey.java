// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * frp's proof that a peer knows a token: the MD5 of the token followed by a time in decimal Unix
 * seconds. It signs logins (with {@code auth.token}, which HaRP leaves empty) and visitors (with
 * the proxy's secret). The time is not checked by anybody, so the proof can be replayed: TLS is
 * what protects it.
 *
 * @see <a href="https://github.com/fatedier/frp/blob/v0.61.1/pkg/util/util/util.go">frp v0.61.1,
 *     GetAuthKey</a>
 */
public final class PrivilegeKey {

  private PrivilegeKey() {}

  /** The 32 lower-case hexadecimal digits for this token at this time. */
  public static String of(String token, long unixSeconds) {
    try {
      var md5 = MessageDigest.getInstance("MD5");
      md5.update(token.getBytes(UTF_8));
      return HexFormat.of().formatHex(md5.digest(Long.toString(unixSeconds).getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no MD5, which frp's login needs", e);
    }
  }

  /** Whether the key fits, compared in constant time. */
  public static boolean matches(String key, String token, long unixSeconds) {
    return MessageDigest.isEqual(key.getBytes(UTF_8), of(token, unixSeconds).getBytes(UTF_8));
  }
}
