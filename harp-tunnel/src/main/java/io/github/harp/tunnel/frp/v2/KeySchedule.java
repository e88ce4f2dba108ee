// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the two keys of a control connection from the token and from the hellos as they went over
 * the wire. With an empty token, which HaRP uses, the keys authenticate nobody: TLS does.
 *
 * @see <a href="https://github.com/fatedier/frp/tree/v0.70.1/pkg/proto/wire">frp v0.70.1,
 *     pkg/proto/wire</a>
 */
final class KeySchedule {

  private final byte[] transcript;

  KeySchedule(byte[] clientHello, byte[] serverHello) {
    try {
      var hash = MessageDigest.getInstance("SHA-256");
      hash.update("frp wire v2 crypto transcript".getBytes(US_ASCII));
      add(hash, "client hello", clientHello);
      add(hash, "server hello", serverHello);
      transcript = hash.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  private static void add(MessageDigest hash, String label, byte[] hello) {
    hash.update((byte) 0);
    hash.update(label.getBytes(US_ASCII));
    hash.update((byte) 0);
    hash.update(ByteBuffer.allocate(8).putLong(0, hello.length));
    hash.update(hello);
  }

  byte[] clientToServer(String token) {
    return key(token, "client-to-server");
  }

  byte[] serverToClient(String token) {
    return key(token, "server-to-client");
  }

  /**
   * HKDF-SHA256 for one block: extract with the transcript as salt, expand with the purpose as
   * info.
   */
  private byte[] key(String token, String direction) {
    var info = "frp wire v2 control aead " + Hello.AES_256_GCM + " " + direction;
    var pseudoRandomKey = hmac(transcript, token.getBytes(UTF_8));
    return hmac(pseudoRandomKey, (info + "\u0001").getBytes(US_ASCII));
  }

  private static byte[] hmac(byte[] key, byte[] data) {
    try {
      var hmac = Mac.getInstance("HmacSHA256");
      hmac.init(new SecretKeySpec(key, "HmacSHA256"));
      return hmac.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HmacSHA256", e);
    }
  }
}
