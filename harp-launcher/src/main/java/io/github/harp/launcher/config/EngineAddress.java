// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.address.ListenAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Where a container engine listens that needs no tunnel. */
public sealed interface EngineAddress {

  /** What is to be had of it, one function for each kind of address. */
  <T> T fold(Function<Unix, T> unix, Function<Tcp, T> tcp);

  /** The socket on this host, if it is one. */
  default Optional<Path> socket() {
    return fold(unix -> Optional.of(unix.path()), tcp -> Optional.empty());
  }

  /** A unix socket on this host. */
  record Unix(Path path) implements EngineAddress {
    @Override
    public <T> T fold(Function<Unix, T> unix, Function<Tcp, T> tcp) {
      return unix.apply(this);
    }

    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  /** A TCP address, without TLS. */
  record Tcp(String host, int port) implements EngineAddress {
    @Override
    public <T> T fold(Function<Unix, T> unix, Function<Tcp, T> tcp) {
      return tcp.apply(this);
    }

    @Override
    public String toString() {
      return "tcp://" + new ListenAddress(host, port);
    }
  }

  /**
   * Reads {@code 24000=unix:///var/run/docker.sock,24007=tcp://10.0.0.7:2375}.
   *
   * @throws IllegalArgumentException saying what is expected
   */
  static Map<EngineNumber, EngineAddress> parseAll(String text) {
    var engines = new TreeMap<EngineNumber, EngineAddress>();
    for (var item : text.split(",", -1)) {
      if (item.isBlank()) {
        continue;
      }
      int equals = item.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(EXPECTED);
      }
      var number =
          EngineNumber.parse(item.substring(0, equals).strip())
              .orElseThrow(() -> new IllegalArgumentException(EXPECTED));
      if (engines.put(number, parse(item.substring(equals + 1).strip())) != null) {
        throw new IllegalArgumentException(
            "each engine's number once, and not " + number + " twice");
      }
    }
    return Map.copyOf(engines);
  }

  private static EngineAddress parse(String text) {
    if (text.startsWith("unix:///")) {
      return new Unix(Path.of(text.substring("unix://".length())));
    }
    if (text.startsWith("tcp://")) {
      var address = ListenAddress.parse(text.substring("tcp://".length()));
      if (address.port() > 0) {
        return new Tcp(address.host(), address.port());
      }
    }
    throw new IllegalArgumentException(EXPECTED);
  }

  /** What a list of engines looks like. */
  String EXPECTED =
      "a list of number=address with numbers "
          + EngineNumber.RANGE
          + ", such as"
          + " 24000=unix:///var/run/docker.sock,24007=tcp://10.0.0.7:2375";
}
