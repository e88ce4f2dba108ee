// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.loop;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * Names for the requests of one event loop, by which a client, an ExApp and the log mean the same
 * one. Nobody can tell from one how many there were, or which is next. Confined to its event loop.
 */
public final class RequestIds {

  /** Where it stands in a request and in its answer. */
  public static final AsciiString HEADER = AsciiString.cached("x-request-id");

  /** So that what a proxy makes of two addresses, two ports and a time has room. */
  private static final int LONGEST = 128;

  /** Without those that are taken for one another. */
  private static final byte[] DIGITS =
      "0123456789abcdefghjkmnpqrstvwxyz".getBytes(StandardCharsets.US_ASCII);

  private static final int BITS_OF_DIGIT = 5;
  private static final int LENGTH = 10;

  /** What 256 of them are made of: to ask for it costs more than to take it. */
  private static final int STOCK_BYTES = 256 * Long.BYTES;

  private final SecureRandom random = new SecureRandom();
  private final byte[] stock = new byte[STOCK_BYTES];
  private final byte[] digits = new byte[LENGTH];
  private int used = STOCK_BYTES;

  /** A new one of ten letters and digits. */
  public String next() {
    long bits = bits();
    for (int i = 0; i < LENGTH; i++) {
      digits[i] = DIGITS[(int) bits & (DIGITS.length - 1)];
      bits >>>= BITS_OF_DIGIT;
    }
    return new String(digits, StandardCharsets.ISO_8859_1);
  }

  private long bits() {
    if (used == STOCK_BYTES) {
      random.nextBytes(stock);
      used = 0;
    }
    long bits = 0;
    for (int end = used + Long.BYTES; used < end; used++) {
      bits = bits << Byte.SIZE | stock[used] & 0xff;
    }
    return bits;
  }

  /** Whether a name that somebody else gave can stand in a log and in a header. */
  public static boolean isGood(String given) {
    for (int i = 0; i < given.length(); i++) {
      if (!isGood(given.charAt(i))) {
        return false;
      }
    }
    return !given.isEmpty() && given.length() <= LONGEST;
  }

  private static boolean isGood(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || isMark(c);
  }

  /** What UUIDs, Base64 and the ids of HAProxy and Apache are made of beside letters and digits. */
  private static boolean isMark(char c) {
    return "-_.:@+/=".indexOf(c) >= 0;
  }
}
