// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 (RFC 2104), which every Java runtime has. */
public final class HmacSha256 {
  private static final String NAME = "HmacSHA256";

  private HmacSha256() {}

  /** A MAC under this secret; for one thread at a time. */
  public static Mac with(byte[] secret) {
    try {
      var mac = Mac.getInstance(NAME);
      mac.init(new SecretKeySpec(secret, NAME));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(NAME + " is missing from this Java runtime", e);
    }
  }
}
