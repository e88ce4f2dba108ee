// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A range of IP addresses.
 *
 * @param address its first address
 * @param prefixLength how many leading bits all its addresses share
 */
public record Network(InetAddress address, int prefixLength) {

  private static final Pattern NUMBER = Pattern.compile("\\d{1,3}");

  /**
   * Reads {@code 10.0.0.7}, {@code 10.0.0.0/8}, {@code 10.0.0.0/255.0.0.0} and the like for IPv6;
   * bits behind the prefix are cleared.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Network parse(String text) {
    int slash = text.indexOf('/');
    var bytes = bytes(slash < 0 ? text : text.substring(0, slash));
    int bits = bytes.length * 8;
    int prefix = slash < 0 ? bits : prefix(text.substring(slash + 1), bits);
    for (int bit = prefix; bit < bits; bit++) {
      bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    return new Network(address(bytes), prefix);
  }

  @Override
  public String toString() {
    return NetUtil.toAddressString(address) + "/" + prefixLength;
  }

  private static int prefix(String text, int bits) {
    if (NUMBER.matcher(text).matches() && Integer.parseInt(text) <= bits) {
      return Integer.parseInt(text);
    }
    if (bits == 32 && NetUtil.isValidIpV4Address(text)) {
      int mask = 0;
      for (byte part : bytes(text)) {
        mask = mask << 8 | part & 0xff;
      }
      int prefix = Integer.numberOfLeadingZeros(~mask);
      if (mask == (prefix == 0 ? 0 : -1 << 32 - prefix)) {
        return prefix;
      }
    }
    throw new IllegalArgumentException("an IP address or network");
  }

  private static byte[] bytes(String text) {
    var bytes =
        text.indexOf('%') < 0 && text.indexOf('[') < 0
            ? NetUtil.createByteArrayFromIpAddressString(text)
            : null;
    if (bytes == null) {
      throw new IllegalArgumentException("an IP address or network");
    }
    return bytes;
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
