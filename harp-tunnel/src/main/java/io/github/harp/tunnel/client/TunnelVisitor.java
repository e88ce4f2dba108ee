// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.ProxyType;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A service of another client that a tunnel client makes reachable here.
 *
 * @param name of its own, for the log and as another's fallback
 * @param way straight ({@code XTCP}), or through the server ({@code STCP})
 * @param service the name of the proxy, as the server knows it
 * @param secret what the other knows, too
 * @param address where users here connect to; port 0 chooses one, see {@link TunnelClientStatus}.
 *     None if it is only another's fallback
 * @param encrypted whether payload is encrypted by frp's own means; must be the same at the owner
 *     if the way is straight
 * @param compressed the same for compression
 * @param straight how a straight way is sought
 */
public record TunnelVisitor(
    String name,
    ProxyType way,
    String service,
    String secret,
    Optional<InetSocketAddress> address,
    boolean encrypted,
    boolean compressed,
    Straight straight) {

  public TunnelVisitor {
    if (name.isEmpty() || service.isEmpty() || secret.isEmpty()) {
      throw new IllegalArgumentException(
          "visitor '%s' of '%s'; expected names of both, and a secret".formatted(name, service));
    }
    if (way == ProxyType.TCP) {
      throw new IllegalArgumentException(
          "visitor %s: tcp has no visitors; expected stcp or xtcp".formatted(name));
    }
  }

  /**
   * How a straight way is sought.
   *
   * @param keptOpen whether it is there before anybody wants it, and made again when it ends; else
   *     for those who come
   * @param mostTriesAnHour while none is found
   * @param leastBetweenTries while none is found, after the first few
   * @param fallbackTo the visitor that users go with while there is none; without it they wait for
   *     20 s and fail
   * @param fallbackAfter how long the first ones wait before
   * @param hidesOwnAddresses whether the owner is not told of this host's addresses in its own
   *     networks
   */
  public record Straight(
      boolean keptOpen,
      int mostTriesAnHour,
      Duration leastBetweenTries,
      Optional<String> fallbackTo,
      Duration fallbackAfter,
      boolean hidesOwnAddresses) {

    /** frpc's defaults. */
    public static final Straight USUAL =
        new Straight(
            false, 8, Duration.ofSeconds(90), Optional.empty(), Duration.ofSeconds(1), false);

    public Straight {
      if (mostTriesAnHour < 1 || leastBetweenTries.isNegative() || fallbackAfter.isNegative()) {
        throw new IllegalArgumentException(
            "%d tries an hour, %s between them, fallback after %s; expected positive values"
                .formatted(mostTriesAnHour, leastBetweenTries, fallbackAfter));
      }
    }
  }

  /** Without what is secret. */
  @Override
  public String toString() {
    return "visitor %s of %s (%s)".formatted(name, service, way);
  }
}
