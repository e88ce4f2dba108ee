// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import io.github.harp.core.notice.Excerpt;
import io.github.harp.launcher.config.environment.ConfigurationException.Mistake;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The environment variables while they are read, and what is to be said about them. */
public final class Environment {

  private static final int SHOWN = 80;

  /** Reads a value of a variable. */
  @FunctionalInterface
  public interface Syntax<T> {

    /**
     * The meaning of {@code text}.
     *
     * @throws IllegalArgumentException whose message says what is expected instead
     */
    T parse(String text);
  }

  private final Map<String, String> values;
  private final List<Mistake> mistakes = new ArrayList<>();

  /** Each once, however often a variable is looked at. */
  private final Set<String> warnings = new LinkedHashSet<>();

  private final Set<String> alarms = new LinkedHashSet<>();

  public Environment(Map<String, String> values) {
    this.values = values;
  }

  /** A variable that is not ours; empty when it is not set, or to nothing. */
  public Optional<String> ofOthers(String name) {
    return Optional.ofNullable(values.get(name)).map(String::strip).filter(it -> !it.isEmpty());
  }

  /** All variables whose names begin like this. */
  public Map<String, String> beginningWith(String prefix) {
    return values.entrySet().stream()
        .filter(it -> it.getKey().startsWith(prefix))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  public boolean isSet(Variable variable) {
    return values.containsKey(variable.name());
  }

  /** The variable's text or its default. */
  public String text(Variable variable) {
    return variable.bare(values.getOrDefault(variable.name(), variable.defaultValue()));
  }

  /** Whether a switch is on; its default with a warning for what is no word for on or off. */
  public boolean isOn(Variable variable) {
    return text(variable).isEmpty()
        ? onOrOff(variable.defaultValue())
        : orDefault(variable, Environment::onOrOff);
  }

  private static boolean onOrOff(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1", "y", "t" -> true;
      case "false", "no", "off", "0", "n", "f" -> false;
      default -> throw new IllegalArgumentException("true or false");
    };
  }

  /**
   * The variable's meaning; one that has none is a mistake, and reading goes on with its default.
   */
  public <T> T require(Variable variable, Syntax<T> syntax) {
    try {
      return syntax.parse(text(variable));
    } catch (IllegalArgumentException expected) {
      mistake(variable, quoted(text(variable)), String.valueOf(expected.getMessage()));
      return syntax.parse(variable.defaultValue());
    }
  }

  /** The variable's meaning; for one that has none its default, with a warning. */
  public <T> T orDefault(Variable variable, Syntax<T> syntax) {
    try {
      return syntax.parse(text(variable));
    } catch (IllegalArgumentException expected) {
      warn(
          variable,
          "found "
              + quoted(text(variable))
              + ", expected "
              + expected.getMessage()
              + "; using "
              + variable.defaultValue());
      return syntax.parse(variable.defaultValue());
    }
  }

  public void mistake(Variable variable, String found, String expected) {
    mistakes.add(new Mistake(variable.name(), found, expected));
  }

  public void mistake(String variables, String found, String expected) {
    mistakes.add(new Mistake(variables, found, expected));
  }

  /** It works, and must not stay so. */
  public void alarm(String variable, String text) {
    alarms.add(variable + ": " + text);
  }

  public void warn(Variable variable, String text) {
    warnings.add(variable.name() + ": " + text);
  }

  public void warn(String text) {
    warnings.add(text);
  }

  /** Warns of variables that look like ours but are not: a misspelt one is silent otherwise. */
  public void warnOfUnknown() {
    var unknown = new TreeSet<String>();
    values.keySet().stream().filter(name -> name.startsWith("HP_")).forEach(unknown::add);
    Arrays.stream(Variable.values()).map(Enum::name).forEach(unknown::remove);
    unknown.forEach(
        name ->
            warn(
                Excerpt.of(name, SHOWN)
                    + ": HaRP knows no such variable"
                    + Spelling.nearest(name).map(it -> "; did you mean " + it + "?").orElse("")));
  }

  /**
   * Called when all of interest is read.
   *
   * @throws ConfigurationException naming every mistake, if there is one
   */
  public void requireNoMistakes() throws ConfigurationException {
    if (!mistakes.isEmpty()) {
      throw new ConfigurationException(mistakes);
    }
  }

  public List<String> alarms() {
    return List.copyOf(alarms);
  }

  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  public static String quoted(String value) {
    return value.isEmpty() ? "nothing" : "'" + Excerpt.of(value, SHOWN) + "'";
  }
}
