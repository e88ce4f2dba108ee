// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.server.TunnelStatus;
import io.github.harp.tunnel.server.accept.Printable;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/** A proxy that a client has opened. */
sealed interface OpenProxy {

  /**
   * What proxies of all types have.
   *
   * @param wrapping what the client's side of the payload looks like
   */
  record Head(ClientSession owner, String name, PayloadWrapping wrapping, Instant since) {}

  record Tcp(Head head, int port) implements OpenProxy {

    @Override
    public ProxyType type() {
      return ProxyType.TCP;
    }

    @Override
    public OptionalInt remotePort() {
      return OptionalInt.of(port);
    }

    @Override
    public boolean hasNameOfItsOwn() {
      return owner().identity().exclusive();
    }

    @Override
    public String toString() {
      return "proxy " + Printable.of(name()) + " on port " + port;
    }
  }

  /**
   * A secret service.
   *
   * @param secretKey what visitors sign with
   * @param allowedUsers frp users who may visit; empty for the owner's user only
   */
  record Stcp(Head head, String secretKey, List<String> allowedUsers) implements OpenProxy {

    @Override
    public ProxyType type() {
      return ProxyType.STCP;
    }

    @Override
    public OptionalInt remotePort() {
      return OptionalInt.empty();
    }

    @Override
    public boolean hasNameOfItsOwn() {
      return false;
    }

    @Override
    public String toString() {
      return "proxy " + Printable.of(name());
    }
  }

  Head head();

  ProxyType type();

  /** The port that is claimed with it, if its type has one. */
  OptionalInt remotePort();

  /** Whether its name is one among its owner's only; otherwise it is common to all clients. */
  boolean hasNameOfItsOwn();

  default ClientSession owner() {
    return head().owner();
  }

  default String name() {
    return head().name();
  }

  /** What the client is told of where its proxy can be reached. */
  default String remoteAddress() {
    var port = remotePort();
    return port.isPresent() ? ":" + port.getAsInt() : "";
  }

  default TunnelStatus.Proxy status() {
    return new TunnelStatus.Proxy(name(), type(), remotePort().orElse(0), head().since());
  }
}
