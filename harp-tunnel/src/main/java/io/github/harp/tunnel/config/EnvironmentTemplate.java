// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code {{ .Envs.NAME }}} by environment variables, the part of frp's templates that
 * people use. Inside a quoted string the value is quoted as needed, so that a key may hold any
 * character; frp up to 0.61.1 would alter some.
 */
final class EnvironmentTemplate {

  private static final Pattern ACTION = Pattern.compile("\\{\\{(.*?)}}");
  private static final Pattern VARIABLE =
      Pattern.compile("-?\\s*\\.Envs\\.([A-Za-z_][A-Za-z0-9_]*)\\s*-?");

  private final Map<String, String> environment;
  private final List<String> errors;

  /** Mistakes are added to {@code errors}. */
  EnvironmentTemplate(Map<String, String> environment, List<String> errors) {
    this.environment = environment;
    this.errors = errors;
  }

  String expand(String text) {
    var expanded = new StringBuilder(text.length());
    int number = 0;
    for (var line : text.split("\n", -1)) {
      if (number++ > 0) {
        expanded.append('\n');
      }
      expanded.append(isComment(line) ? line : expandLine(line, number));
    }
    return expanded.toString();
  }

  private static boolean isComment(String line) {
    return line.stripLeading().startsWith("#");
  }

  private String expandLine(String line, int number) {
    var actions = ACTION.matcher(line);
    var expanded = new StringBuilder();
    while (actions.find()) {
      var value = valueOf(actions.group(1), number);
      var quoted = isInBasicString(line, actions.start()) ? quoted(value) : value;
      actions.appendReplacement(expanded, Matcher.quoteReplacement(quoted));
    }
    actions.appendTail(expanded);
    return expanded.toString();
  }

  private String valueOf(String action, int line) {
    var variable = VARIABLE.matcher(action);
    if (!variable.matches()) {
      errors.add(
          "line %d: template {{%s}} is not supported; expected {{ .Envs.NAME }}"
              .formatted(line, action));
      return "";
    }
    var value = environment.get(variable.group(1));
    if (value == null) {
      errors.add("line %d: environment variable %s is not set".formatted(line, variable.group(1)));
      return "";
    }
    return value;
  }

  private static boolean isInBasicString(String line, int position) {
    char open = 0;
    for (int i = 0; i < position; i++) {
      char c = line.charAt(i);
      if (open == 0 && (c == '"' || c == '\'')) {
        open = c;
      } else if (c == open) {
        open = 0;
      } else if (open == '"' && c == '\\') {
        i++;
      }
    }
    return open == '"';
  }

  private static String quoted(String value) {
    var quoted = new StringBuilder();
    for (char c : value.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7f) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.toString();
  }
}
