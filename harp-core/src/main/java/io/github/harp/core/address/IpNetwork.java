// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A network in CIDR terms.
 *
 * @param first its first address
 * @param prefixBits how many leading bits its addresses share
 */
record IpNetwork(InetAddress first, int prefixBits) {

  /**
   * {@code 10.0.0.7}, {@code 10.0.0.0/8}, {@code 10.0.0.0/255.0.0.0}, {@code fd00::/8}; host bits
   * are cleared. Empty for anything else.
   */
  public static Optional<IpNetwork> parse(String text) {
    var slash = text.indexOf('/');
    var address = IpAddresses.parse(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      return Optional.empty();
    }
    var bits = address.getAddress().length * Byte.SIZE;
    var prefix = slash < 0 ? Integer.valueOf(bits) : prefixOf(text.substring(slash + 1), bits);
    return prefix == null
        ? Optional.empty()
        : Optional.of(new IpNetwork(masked(address, prefix), prefix));
  }

  public boolean contains(InetAddress address) {
    var mine = first.getAddress();
    var other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    var whole = prefixBits / Byte.SIZE;
    for (var i = 0; i < whole; i++) {
      if (mine[i] != other[i]) {
        return false;
      }
    }
    var rest = prefixBits % Byte.SIZE;
    return rest == 0 || ((mine[whole] ^ other[whole]) & (0xFF << (Byte.SIZE - rest)) & 0xFF) == 0;
  }

  @Override
  public String toString() {
    return IpAddresses.text(first) + "/" + prefixBits;
  }

  private static @Nullable Integer prefixOf(String text, int bits) {
    if (text.matches("[0-9]{1,3}")) {
      var prefix = Integer.parseInt(text);
      return prefix <= bits ? prefix : null;
    }
    var mask = IpAddresses.parse(text);
    if (mask == null || bits != Integer.SIZE || mask.getAddress().length * Byte.SIZE != bits) {
      return null;
    }
    return prefixOfMask(new BigInteger(1, mask.getAddress()).intValue());
  }

  /** A netmask {@code 255.255.0.0} or, as network equipment writes it, {@code 0.0.255.255}. */
  private static @Nullable Integer prefixOfMask(int mask) {
    var netmask = mask < 0 ? mask : ~mask;
    var prefix = Integer.numberOfLeadingZeros(~netmask);
    var expected = prefix == 0 ? 0 : -1 << (Integer.SIZE - prefix);
    return netmask == expected ? prefix : null;
  }

  private static InetAddress masked(InetAddress address, int prefixBits) {
    var bytes = address.getAddress();
    for (var i = 0; i < bytes.length; i++) {
      var keep = Math.min(Math.max(prefixBits - i * Byte.SIZE, 0), Byte.SIZE);
      bytes[i] &= (byte) (0xFF << (Byte.SIZE - keep));
    }
    return IpAddresses.of(bytes);
  }
}
