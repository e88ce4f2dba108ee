// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import java.util.Locale;

/** The name of a Kubernetes object that belongs to a container or volume name. */
public final class KubernetesName {

  private static final int MAX_LENGTH = 63;

  private KubernetesName() {}

  public static String of(String name) {
    var dashed =
        name.toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9-]", "-")
            .replaceAll("-+", "-")
            .replaceAll("^-|-$", "");
    var cut = dashed.length() > MAX_LENGTH ? dashed.substring(0, MAX_LENGTH) : dashed;
    return cut.isEmpty() ? "exapp" : cut.replaceAll("-$", "");
  }
}
