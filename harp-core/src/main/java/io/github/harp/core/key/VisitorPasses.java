// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import io.github.harp.core.AppId;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What somebody dials in with to visit one ExApp by a tunnel of his own, and nothing else: {@code
 * harpv.<appId>.<made, Unix milliseconds>.<until, Unix seconds>.<base64url HMAC-SHA256>}. It names
 * nobody, opens nothing and ends by itself. Beside it stands the secret that visitors and the ExApp
 * prove to each other that they know, which says nothing to this gateway. Both are of a key that is
 * stretched from the shared one. Thread-safe.
 */
public final class VisitorPasses {

  private static final String PREFIX = "harpv.";
  private static final int MAX_LENGTH = 256;
  private static final Pattern CLAIM =
      Pattern.compile("harpv\\.(.+)\\.([1-9][0-9]{0,14})\\.([1-9][0-9]{0,11})");

  /**
   * What a pass is good for.
   *
   * @param made when it was made, by which it is told from others; whole milliseconds
   * @param until when it ends; whole seconds
   */
  public record Pass(AppId appId, Instant made, Instant until) {

    /** Between the ExApp's id and the name of one of its services for visitors. */
    private static final char SEPARATOR = '/';

    /** Whether a service of this name is the ExApp's, and it is not too late. */
    public boolean isFor(String service, Instant now) {
      return now.isBefore(until) && isOf(appId, service);
    }

    /** Whether a service of this name is this ExApp's. */
    public static boolean isOf(AppId appId, String service) {
      var end = service.indexOf(SEPARATOR);
      return end > 0 && AppId.parse(service.substring(0, end)).equals(Optional.of(appId));
    }

    /** The name of a service of an ExApp. */
    public static String service(AppId appId, String name) {
      return appId.text() + SEPARATOR + name;
    }
  }

  private final StretchedKey stretched;

  public VisitorPasses(SharedKey key) {
    stretched = new StretchedKey(key, "harp visitor pass 1");
  }

  /** Completes when the others answer at once; until then they may block for a second. */
  public Future<Void> ready() {
    return stretched.ready();
  }

  public String mint(Pass pass) {
    var claim =
        "%s%s.%d.%d"
            .formatted(
                PREFIX,
                pass.appId().text(),
                pass.made().toEpochMilli(),
                pass.until().getEpochSecond());
    return claim + "." + mac("pass", claim);
  }

  /** What visitors of an ExApp and the ExApp itself show each other. */
  public String secret(AppId appId) {
    return mac("secret", appId.inLowerCase().text());
  }

  /** Whether this has the form of a pass, be it genuine or not. */
  public static boolean hasForm(String token) {
    return token.startsWith(PREFIX);
  }

  /** The content of a genuine pass, be it over or not; empty for anything else. */
  public Optional<Pass> verify(String token) {
    var end = token.lastIndexOf('.');
    if (token.length() > MAX_LENGTH || end < 0) {
      return Optional.empty();
    }
    var claim = CLAIM.matcher(token.substring(0, end));
    if (!claim.matches()) {
      return Optional.empty();
    }
    var genuine =
        MessageDigest.isEqual(
            mac("pass", claim.group()).getBytes(StandardCharsets.UTF_8),
            token.substring(end + 1).getBytes(StandardCharsets.UTF_8));
    return genuine
        ? AppId.parse(claim.group(1))
            .map(
                id ->
                    new Pass(
                        id,
                        Instant.ofEpochMilli(Long.parseLong(claim.group(2))),
                        Instant.ofEpochSecond(Long.parseLong(claim.group(3)))))
        : Optional.empty();
  }

  private String mac(String purpose, String of) {
    var mac = stretched.mac();
    mac.update((purpose + "\n").getBytes(StandardCharsets.US_ASCII));
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(mac.doFinal(of.getBytes(StandardCharsets.US_ASCII)));
  }
}
