// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The real frpc and frps of one version, as {@code interop/build} leaves them. A test that asks for
 * one that is missing is skipped with the reason.
 */
public record FrpBinaries(String version, Path folder) {

  /** What the ExApps in the field ship. */
  public static final String FIELD = "0.61.1";

  public static final String NEWEST = "0.70.1";

  public static FrpBinaries of(String version) {
    var root = Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
    return new FrpBinaries(version, root.resolve("interop/bin").resolve(version));
  }

  /** Starts {@code frpc} with this configuration. */
  public FrpProcess frpc(String toml) {
    return start("frpc", toml);
  }

  /** Starts {@code frps} with this configuration. */
  public FrpProcess frps(String toml) {
    return start("frps", toml);
  }

  /** Starts {@code frpc} in a folder that has its configuration, as a person would. */
  public FrpProcess frpc(Path workingFolder, String configFile, Map<String, String> environment) {
    return FrpProcess.start(requireProgram("frpc"), workingFolder, configFile, environment);
  }

  private FrpProcess start(String name, String toml) {
    return FrpProcess.start(requireProgram(name), toml);
  }

  private Path requireProgram(String name) {
    var program = folder.resolve(name);
    assumeTrue(Files.isExecutable(program), program + " is missing: run interop/build " + version);
    return program;
  }
}
