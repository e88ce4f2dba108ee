// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import io.github.harp.core.Engines;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Where a container engine listens that needs no tunnel. */
public sealed interface EngineAddress {

  /** A unix socket on this host. */
  record Unix(Path socket) implements EngineAddress {
    @Override
    public String toString() {
      return "unix://" + socket;
    }
  }

  /** A TCP address, without TLS. */
  record Tcp(String host, int port) implements EngineAddress {
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
  static Map<Integer, EngineAddress> parseAll(String text) {
    var engines = new TreeMap<Integer, EngineAddress>();
    for (var item : text.split(",", -1)) {
      if (item.isBlank()) {
        continue;
      }
      int equals = item.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(EXPECTED);
      }
      int number = number(item.substring(0, equals).strip());
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

  private static int number(String text) {
    if (!text.matches("\\d{5}")
        || Integer.parseInt(text) < Engines.FIRST_PORT
        || Integer.parseInt(text) > Engines.LAST_PORT) {
      throw new IllegalArgumentException(EXPECTED);
    }
    return Integer.parseInt(text);
  }

  /** What a list of engines looks like. */
  String EXPECTED =
      "a list of number=address with numbers from 24000 to 24099, such as"
          + " 24000=unix:///var/run/docker.sock,24007=tcp://10.0.0.7:2375";
}
