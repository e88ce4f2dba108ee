// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who a client has proved to be.
 *
 * @param name for logs and the status; clients of equal identities may take over each other's
 *     session
 * @param exclusive whether this credential belongs to one client: a new login then replaces the
 *     older session at once, so that a restarted client need not wait until its old self is noticed
 *     to be dead
 * @param realm whose clients have ports and names to themselves: those of another realm neither see
 *     nor take them. The empty one is as good as any
 * @param attachment what the host's code wants to know of this client later on: a value that is
 *     compared with {@code equals} and not printed
 */
public record TunnelIdentity(
    String name, boolean exclusive, String realm, @Nullable Object attachment) {

  /** A credential that several clients share. */
  public static TunnelIdentity shared(String name) {
    return new TunnelIdentity(name, false, "", null);
  }

  /** A credential of one client. */
  public static TunnelIdentity exclusive(String name) {
    return new TunnelIdentity(name, true, "", null);
  }

  /** The same one with something attached to it. */
  public TunnelIdentity with(Object value) {
    return new TunnelIdentity(name, exclusive, realm, value);
  }

  /** The same one in a realm. */
  public TunnelIdentity in(String itsRealm) {
    return new TunnelIdentity(name, exclusive, itsRealm, attachment);
  }

  /** What is attached, if it is of this type. */
  public <T> Optional<T> attachment(Class<T> type) {
    return Optional.ofNullable(attachment).filter(type::isInstance).map(type::cast);
  }

  @Override
  public String toString() {
    return realm.isEmpty() ? name : name + " of " + realm;
  }
}
