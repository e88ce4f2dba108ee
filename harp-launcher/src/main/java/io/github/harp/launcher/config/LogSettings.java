// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.environment.Variable.HP_LOG_FORMAT;
import static io.github.harp.launcher.config.environment.Variable.HP_LOG_LEVEL;
import static io.github.harp.launcher.config.environment.Variable.HP_LOG_USERS;
import static io.github.harp.launcher.config.environment.Variable.HP_VERBOSE_START;

import io.github.harp.launcher.config.environment.Environment;
import java.util.Locale;

/**
 * What is logged and how.
 *
 * @param progress whether the start is described step by step at any level
 * @param users whether lines about requests name the user, not only the class of user
 */
public record LogSettings(Level level, Format format, boolean progress, boolean users) {

  /** What holds until something else is known, and for commands that do their work and end. */
  public LogSettings() {
    this(Level.WARNING, Format.TEXT, false, false);
  }

  static LogSettings read(Environment environment) {
    return new LogSettings(
        environment.require(HP_LOG_LEVEL, Level::parse),
        environment.require(HP_LOG_FORMAT, Format::parse),
        environment.isOn(HP_VERBOSE_START),
        environment.isOn(HP_LOG_USERS));
  }

  /** From everything to only what is broken. */
  public enum Level {
    DEBUG,
    INFO,
    WARNING,
    ERROR;

    /** Reads the original's names, and Python's, which it understands by accident. */
    static Level parse(String text) {
      return switch (text.toUpperCase(Locale.ROOT)) {
        case "DEBUG", "NOTSET" -> DEBUG;
        case "INFO" -> INFO;
        case "WARNING", "WARN" -> WARNING;
        case "ERROR", "CRITICAL", "FATAL" -> ERROR;
        default -> throw new IllegalArgumentException("debug, info, warning or error");
      };
    }
  }

  /** Lines for people or for machines. */
  public enum Format {
    TEXT,
    JSON;

    static Format parse(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "text" -> TEXT;
        case "json" -> JSON;
        default -> throw new IllegalArgumentException("text or json");
      };
    }
  }
}
