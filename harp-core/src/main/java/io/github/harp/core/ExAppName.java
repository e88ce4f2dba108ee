// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

/**
 * Names an ExApp's container and volume. All parts have the form of an {@link AppId}.
 *
 * @param id the ExApp
 * @param instanceId which Nextcloud it belongs to; empty for the only one
 * @param roleSuffix which of several containers of the app; empty for the only one
 */
public record ExAppName(AppId id, String instanceId, String roleSuffix) {

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
    this(id, "", "");
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
    return "nc_app_" + (instanceId.isEmpty() ? "" : instanceId + "_") + id;
  }
}
