// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of this program, from its JAR. */
public final class Version implements IVersionProvider {

  /** {@code 0.1.0}, or {@code development} when it does not run from the JAR. */
  public static String number() {
    var version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "HaRP for the JVM " + number(), "Java " + System.getProperty("java.runtime.version")
    };
  }
}
