// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.environment.Variable.HP_STUN_ADDRESS;
import static io.github.harp.launcher.config.environment.Variable.HP_STUN_ADVERTISE;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.config.environment.Environment;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where clients are told how they are seen.
 *
 * @param address of the first port; the second is the one behind it
 * @param seenAs the IP address by which clients find both
 */
public record StunSettings(ListenAddress address, InetAddress seenAs) {

  private static final String EXPECTED = "an IP address, by which clients find HP_STUN_ADDRESS";

  /** Empty where nobody is told. */
  static Optional<StunSettings> read(Environment environment) {
    if (environment.text(HP_STUN_ADDRESS).isEmpty()) {
      return Optional.empty();
    }
    var address = environment.require(HP_STUN_ADDRESS, StunSettings::address);
    var advertised = environment.text(HP_STUN_ADVERTISE);
    var seenAs = ip(advertised.isEmpty() ? address.host() : advertised);
    if (seenAs == null || seenAs.isAnyLocalAddress()) {
      environment.mistake(
          HP_STUN_ADVERTISE,
          advertised.isEmpty() ? "nothing" : Environment.quoted(advertised),
          EXPECTED);
      return Optional.empty();
    }
    return Optional.of(new StunSettings(address, seenAs));
  }

  private static ListenAddress address(String text) {
    var address = ListenAddress.parse(text);
    if (address.port() < 1 || address.port() > 65_534) {
      throw new IllegalArgumentException("a port from 1 to 65534, since the next one is used, too");
    }
    return address;
  }

  private static @Nullable InetAddress ip(String text) {
    var bytes = NetUtil.createByteArrayFromIpAddressString(text);
    try {
      return bytes == null ? null : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }
}
