// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

/** Reads a value of a variable. */
@FunctionalInterface
interface Syntax<T> {

  /**
   * The meaning of {@code text}.
   *
   * @throws IllegalArgumentException whose message says what is expected instead
   */
  T parse(String text);
}
