// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

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
 */
public record Shell(
    Map<String, String> environment, PrintWriter out, PrintWriter err, OutputStream bytes) {

  public static Shell ofThisProcess() {
    return new Shell(
        System.getenv(),
        new PrintWriter(System.out, true),
        new PrintWriter(System.err, true),
        System.out);
  }
}
