// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import io.github.harp.bench.BenchException;
import java.nio.file.Path;

/** The programs that the comparisons need, all found before anything is started. */
public record Toolbox(
    Tool wrk, Tool h2load, Tool haproxy, Tool nginx, Tool openssl, Tool frps, Tool frpc) {

  /**
   * Finds them, or says which one is missing and where it comes from.
   *
   * @param frpFolder holds {@code frps} and {@code frpc}
   */
  public static Toolbox find(Path frpFolder) {
    return new Toolbox(
        Tool.require("wrk", "wrk", "-v"),
        Tool.require("h2load", "nghttp2-client", "--version"),
        Tool.require("haproxy", "haproxy", "-v"),
        Tool.require("nginx", "nginx", "-v"),
        Tool.require("openssl", "openssl", "version"),
        frp(frpFolder.resolve("frps")),
        frp(frpFolder.resolve("frpc")));
  }

  /** Those that attacks need; the others are not looked for, and can't be run. */
  public static Toolbox findWithoutPeers(Path frpFolder) {
    var none = new Tool(Path.of("/nonexistent"), "not looked for");
    return new Toolbox(
        none,
        none,
        none,
        Tool.require("nginx", "nginx", "-v"),
        Tool.require("openssl", "openssl", "version"),
        none,
        frp(frpFolder.resolve("frpc")));
  }

  private static Tool frp(Path program) {
    return Tool.at(program, "--version")
        .orElseThrow(
            () -> new BenchException(program + " is missing; interop/build makes frps and frpc"));
  }
}
