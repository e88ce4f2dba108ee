// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import java.util.List;
import java.util.stream.Collectors;

/** Nothing was started because of these mistakes: all that there are, not only the first. */
public final class ConfigurationException extends Exception {

  private static final long serialVersionUID = 1;

  private final transient List<Mistake> mistakes;

  public ConfigurationException(List<Mistake> mistakes) {
    super(mistakes.stream().map(Mistake::toString).collect(Collectors.joining("\n")));
    this.mistakes = List.copyOf(mistakes);
  }

  public List<Mistake> mistakes() {
    return mistakes;
  }

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
}
