// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

/**
 * Something in the configuration that HaRP can't work with.
 *
 * @param variable which variable, or variables
 * @param found what it says; never a secret
 * @param expected what it should say
 */
public record Mistake(String variable, String found, String expected) {

  @Override
  public String toString() {
    return variable + ": found " + found + "; expected " + expected;
  }
}
