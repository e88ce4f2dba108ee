// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import java.util.Locale;
import java.util.Optional;

/** The kinds of proxy that a {@link TunnelServer} can carry. */
public enum ProxyType {
  /** A remote port. */
  TCP,
  /** A secret service without a port, reached by visitors who know its key. */
  STCP,
  /** The same, whose visitors are introduced to the client and then reach it straight. */
  XTCP;

  /** The type that a client names; an empty name means {@code tcp}. */
  public static Optional<ProxyType> named(String name) {
    if (name.isEmpty()) {
      return Optional.of(TCP);
    }
    for (ProxyType type : values()) {
      if (type.toString().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The name in the protocol. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
