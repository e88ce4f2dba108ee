// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.regex.Pattern;

/**
 * Names an ExApp's container and volume. The parts end up in engine URLs, so only {@code
 * [A-Za-z0-9_.-]} is allowed.
 *
 * @param name the app id
 * @param instanceId which Nextcloud it belongs to; empty for the only one
 * @param roleSuffix which of several containers of the app; empty for the only one
 */
public record ExAppName(String name, String instanceId, String roleSuffix) {

  private static final Pattern PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

  public ExAppName {
    requirePart("name", name);
    if (!instanceId.isEmpty()) {
      requirePart("instance_id", instanceId);
    }
    if (!roleSuffix.isEmpty()) {
      requirePart("role_suffix", roleSuffix);
    }
  }

  public ExAppName(String name) {
    this(name, "", "");
  }

  /** {@code nc_app_[instance_]name[_role]}. */
  public String container() {
    return base() + (roleSuffix.isEmpty() ? "" : "_" + roleSuffix);
  }

  /** {@code nc_app_[instance_]name_data}, shared by all roles. */
  public String volume() {
    return base() + "_data";
  }

  private String base() {
    return "nc_app_" + (instanceId.isEmpty() ? "" : instanceId + "_") + name;
  }

  private static void requirePart(String key, String value) {
    if (!PART.matcher(value).matches()) {
      throw new HarpException(
          HarpException.Code.BAD_REQUEST,
          key
              + " '"
              + printable(value)
              + "': expected a letter or digit followed by at most 127 of [A-Za-z0-9_.-]");
    }
  }

  private static String printable(String value) {
    var shown = value.replaceAll("[^ -~]", "?");
    return shown.length() > 60 ? shown.substring(0, 60) + "…" : shown;
  }
}
