// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

/**
 * Who a client has proved to be.
 *
 * @param name for logs and the status; clients of the same name may take over each other's session
 * @param exclusive whether this credential belongs to one client: a new login then replaces the
 *     older session at once, so that a restarted client need not wait until its old self is noticed
 *     to be dead
 */
public record TunnelIdentity(String name, boolean exclusive) {

  /** A credential that several clients share. */
  public static TunnelIdentity shared(String name) {
    return new TunnelIdentity(name, false);
  }

  /** A credential of one client. */
  public static TunnelIdentity exclusive(String name) {
    return new TunnelIdentity(name, true);
  }

  @Override
  public String toString() {
    return name;
  }
}
