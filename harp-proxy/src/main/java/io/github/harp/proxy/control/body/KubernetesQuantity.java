// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control.body;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Amounts as Kubernetes writes them: {@code 512Mi}, {@code 1500m}, {@code 2e3}. */
final class KubernetesQuantity {

  private static final Pattern FORM =
      Pattern.compile(
          "([0-9]{1,18}(?:\\.[0-9]{0,9})?)(?:[eE]([+-]?[0-9]{1,2})|([numkMGTPE]|[KMGTPE]i)?)");

  private static final String DECIMAL = "num kMGTPE";
  private static final String BINARY = "KMGTPE";

  private KubernetesQuantity() {}

  /**
   * In units of which there are 10 to the power of {@code decimals} in one, rounded up; empty for
   * other text and for what is more than a {@code long} holds.
   */
  static OptionalLong parse(String text, int decimals) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      return OptionalLong.empty();
    }
    var amount = new BigDecimal(form.group(1)).scaleByPowerOfTen(decimals);
    if (form.group(2) != null) {
      amount = amount.scaleByPowerOfTen(Integer.parseInt(form.group(2)));
    } else if (form.group(3) != null) {
      amount = amount.multiply(factor(form.group(3)));
    }
    var rounded = amount.setScale(0, RoundingMode.CEILING);
    return rounded.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? OptionalLong.empty()
        : OptionalLong.of(rounded.longValue());
  }

  private static BigDecimal factor(String suffix) {
    return suffix.length() == 2
        ? BigDecimal.valueOf(1024).pow(BINARY.indexOf(suffix.charAt(0)) + 1)
        : BigDecimal.ONE.scaleByPowerOfTen(3 * (DECIMAL.indexOf(suffix) - DECIMAL.indexOf(' ')));
  }
}
