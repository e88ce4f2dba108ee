// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.address.Ports;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;

/**
 * Tokens that need no storage: {@code harp2.<appId>.<port>[.<fingerprint>].<base64url HMAC-SHA256>}
 * under a key that is stretched from the shared one, so that a token is of no use to guess a weak
 * key. They stay valid until that key changes; so do those of the first form, {@code harp1.…},
 * whose key is not stretched and which have no fingerprint of the deployment. Thread-safe.
 */
public final class HmacTunnelTokens implements TunnelTokens {
  private static final String PREFIX = "harp2.";
  private static final String FIRST_PREFIX = "harp1.";
  private static final int MAX_LENGTH = 256;
  private static final Pattern CLAIM =
      Pattern.compile("harp[12]\\.(.+)\\.([1-9][0-9]{0,4})(?:\\.([A-Za-z0-9_-]{16}))?");

  private final SharedKey key;
  private final StretchedKey stretched;

  public HmacTunnelTokens(SharedKey key) {
    this.key = key;
    this.stretched = new StretchedKey(key, "harp tunnel token 2");
  }

  @Override
  public Future<Void> ready() {
    return stretched.ready();
  }

  /**
   * {@inheritDoc}
   *
   * @throws HarpException {@code BAD_REQUEST} for a port that cannot be one
   */
  @Override
  public String mint(Deployment deployment, int port) {
    if (!Ports.isPort(port)) {
      throw new HarpException(
          HarpException.Code.BAD_REQUEST, "port " + port + " of a tunnel token: expected 1-65535");
    }
    var fingerprint = deployment.fingerprint().map(it -> "." + it).orElse("");
    var claim = PREFIX + deployment.appId() + "." + port + fingerprint;
    return claim + "." + signature(stretched.mac(), claim);
  }

  @Override
  public Optional<Claim> verify(String token) {
    var end = token.lastIndexOf('.');
    if (token.length() > MAX_LENGTH || end < 0) {
      return Optional.empty();
    }
    var claim = CLAIM.matcher(token.substring(0, end));
    if (!claim.matches() || Ports.parse(claim.group(2)).isEmpty()) {
      return Optional.empty();
    }
    var mac = isOutdated(token) ? key.mac("tunnel token 1") : stretched.mac();
    var genuine =
        MessageDigest.isEqual(
            signature(mac, claim.group()).getBytes(StandardCharsets.UTF_8),
            token.substring(end + 1).getBytes(StandardCharsets.UTF_8));
    return genuine
        ? AppId.parse(claim.group(1))
            .map(id -> new Deployment(id, Optional.ofNullable(claim.group(3))))
            .map(deployment -> new Claim(deployment, Integer.parseInt(claim.group(2))))
        : Optional.empty();
  }

  @Override
  public boolean isOutdated(String token) {
    return token.startsWith(FIRST_PREFIX);
  }

  private static String signature(Mac mac, String claim) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(mac.doFinal(claim.getBytes(StandardCharsets.US_ASCII)));
  }
}
