// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.regex.Pattern;

/**
 * Names an ExApp's container and volume. All parts have the form of an {@link AppId}.
 *
 * @param id the ExApp
 * @param instanceId which Nextcloud it belongs to, as that one says; empty for the only one
 * @param roleSuffix which of several containers of the app; empty for the only one
 * @param prefix how all names begin of the Nextcloud that gave the order
 */
public record ExAppName(AppId id, String instanceId, String roleSuffix, String prefix) {

  /** How names begin where nothing else is said, which is as AppAPI knows them. */
  public static final String PREFIX = "nc_app_";

  private static final Pattern CONTAINER = Pattern.compile("nc_(?:[a-z0-9]+_)?app_.+");

  public ExAppName {
    if (!instanceId.isEmpty()) {
      AppId.require("instance_id", instanceId);
    }
    if (!roleSuffix.isEmpty()) {
      AppId.require("role_suffix", roleSuffix);
    }
  }

  /** Of the only one. */
  public ExAppName(AppId id) {
    this(id, "", "", PREFIX);
  }

  /** Whether a container of this name is that of an ExApp, of whatever Nextcloud. */
  public static boolean isContainer(String name) {
    return CONTAINER.matcher(name).matches();
  }

  /** The same one of a Nextcloud whose names begin differently. */
  public ExAppName beginning(String with) {
    return new ExAppName(id, instanceId, roleSuffix, with);
  }

  /** {@code nc_app_[instance_]name[_role]}. */
  public String container() {
    return base() + (roleSuffix.isEmpty() ? "" : "_" + roleSuffix);
  }

  /** {@code nc_app_[instance_]name_data}, shared by all roles. */
  public String volume() {
    return base() + "_data";
  }

  /**
   * Where the volume is in the container: {@code /nc_app_[instance_]name_data}, as AppAPI tells the
   * ExApp in {@code APP_PERSISTENT_STORAGE}, whichever Nextcloud it belongs to.
   */
  public String dataFolder() {
    return "/" + beginning(PREFIX).volume();
  }

  private String base() {
    return prefix + (instanceId.isEmpty() ? "" : instanceId + "_") + id;
  }
}
