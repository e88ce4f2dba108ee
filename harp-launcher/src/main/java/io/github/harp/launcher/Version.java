// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

/** The version of this program, from its JAR. */
public final class Version {

  private Version() {}

  /** {@code 0.1.0}, or {@code development} when it does not run from the JAR. */
  public static String number() {
    var version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
