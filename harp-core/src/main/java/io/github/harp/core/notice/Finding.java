// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

/**
 * One thing that was seen when somebody looked for what is wrong.
 *
 * @param about what was looked at, in a word or two; empty until somebody says so
 * @param seen what was seen
 * @param meaning what that means for Nextcloud and its ExApps; empty when all is well
 * @param remedy what to change, to the line to write; empty when nothing
 */
public record Finding(String about, Severity severity, String seen, String meaning, String remedy) {

  public static Finding ok(String seen) {
    return new Finding("", Severity.OK, seen, "", "");
  }

  public static Finding note(String seen, String meaning) {
    return new Finding("", Severity.NOTE, seen, meaning, "");
  }

  public static Finding warning(String seen, String meaning, String remedy) {
    return new Finding("", Severity.WARNING, seen, meaning, remedy);
  }

  public static Finding failure(String seen, String meaning, String remedy) {
    return new Finding("", Severity.FAILURE, seen, meaning, remedy);
  }

  /** The same, about this; who said first what it is about is right. */
  public Finding about(String subject) {
    return about.isEmpty() ? new Finding(subject, severity, seen, meaning, remedy) : this;
  }
}
