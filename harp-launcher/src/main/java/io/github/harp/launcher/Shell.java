// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Map;

/**
 * What started the program: where a command gets its settings from and says its results to.
 *
 * @param environment environment variables by name
 * @param out standard output for text
 * @param err standard error
 * @param bytes standard output for what is no text; one command writes to one of the two
 * @param isTerminal whether somebody sees it there who wants colours
 */
public record Shell(
    Map<String, String> environment,
    PrintWriter out,
    PrintWriter err,
    OutputStream bytes,
    boolean isTerminal) {

  /** As https://no-color.org wants it. */
  private static boolean isTerminal(Map<String, String> environment) {
    return System.console() != null
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }

  public static Shell ofThisProcess() {
    return new Shell(
        System.getenv(),
        new PrintWriter(System.out, true),
        new PrintWriter(System.err, true),
        System.out,
        isTerminal(System.getenv()));
  }
}
