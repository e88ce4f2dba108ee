// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The image, built by Docker's own command line from {@code packaging/Dockerfile} on bases that
 * need no registry.
 */
final class HarpImage implements AutoCloseable {

  private static final String JDK = "harp-test/jdk:1";
  private static final String DEBIAN = "harp-test/debian:1";

  private final String tag;

  /**
   * @param tag what nobody else uses
   */
  HarpImage(String tag) throws Exception {
    this.tag = tag;
    assumeTrue(Docker.succeeds("version"), "no Docker engine; .ci/engines starts one");
    assumeTrue(Docker.succeeds("image", "inspect", JDK), "no " + JDK + "; .ci/engines builds it");
    // With a name of its own, the first stage can be removed afterwards.
    build("--target", "run-time", "--tag", firstStage());
    build("--tag", name());
  }

  String name() {
    return "harp-test/harp:" + tag;
  }

  private String firstStage() {
    return "harp-test/harp-run-time:" + tag;
  }

  private static void build(String... options) throws Exception {
    var root = Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
    var command =
        new ArrayList<>(
            List.of("build", "--quiet", "--file", root.resolve("packaging/Dockerfile").toString()));
    command.addAll(List.of("--build-arg", "BUILD_IMAGE=" + JDK));
    command.addAll(List.of("--build-arg", "RUN_IMAGE=" + DEBIAN));
    command.addAll(List.of(options));
    command.add(root.toString());
    Docker.run(command.toArray(String[]::new));
  }

  @Override
  public void close() throws InterruptedException {
    Docker.succeeds("image", "rm", name());
    Docker.succeeds("image", "rm", firstStage());
  }
}
