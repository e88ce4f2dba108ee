// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON structures of the negotiation, with frp's camel-case names. What is missing is empty,
 * never null.
 */
final class Hello {

  static final String JSON_CODEC = "json";
  static final String AES_256_GCM = "aes-256-gcm";
  static final int RANDOM_BYTES = 32;

  private static final byte[] NOTHING = {};

  private Hello() {}

  /** What a client offers. */
  record Client(Bootstrap bootstrap, Capabilities capabilities) {

    Client {
      bootstrap = bootstrap == null ? new Bootstrap("", false, false) : bootstrap;
      capabilities =
          capabilities == null ? new Capabilities(Codecs.NONE, Algorithms.NONE) : capabilities;
    }

    static Client offering(byte[] random, boolean tls, boolean tcpMux) {
      return new Client(
          new Bootstrap("tcp", tls, tcpMux),
          new Capabilities(
              new Codecs(List.of(JSON_CODEC)), new Algorithms(List.of(AES_256_GCM), random)));
    }

    /** What is wrong with this offer in frp's words, or null if it can be accepted. */
    @Nullable String refusal() {
      if (!capabilities.message.codecs.contains(JSON_CODEC)) {
        return "unsupported message codec";
      }
      int randomBytes = capabilities.crypto.clientRandom.length;
      if (randomBytes != RANDOM_BYTES) {
        return "invalid crypto client random length %d, want %d"
            .formatted(randomBytes, RANDOM_BYTES);
      }
      return capabilities.crypto.algorithms.contains(AES_256_GCM)
          ? null
          : "no supported crypto algorithm";
    }
  }

  @JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
  record Bootstrap(String transport, boolean tls, boolean tcpMux) {}

  record Capabilities(Codecs message, Algorithms crypto) {
    Capabilities {
      message = message == null ? Codecs.NONE : message;
      crypto = crypto == null ? Algorithms.NONE : crypto;
    }
  }

  record Codecs(List<String> codecs) {
    static final Codecs NONE = new Codecs(List.of());
  }

  @JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
  record Algorithms(List<String> algorithms, byte[] clientRandom) {
    static final Algorithms NONE = new Algorithms(List.of(), NOTHING);
  }

  /** What the server chose, or why it refuses. */
  record Server(Selected selected, String error) {

    Server {
      selected = selected == null ? new Selected(Codec.NONE, Algorithm.NONE) : selected;
    }

    static Server accepting(byte[] random) {
      return new Server(
          new Selected(new Codec(JSON_CODEC), new Algorithm(AES_256_GCM, random)), "");
    }

    static Server refusing(String error) {
      return new Server(new Selected(new Codec(JSON_CODEC), Algorithm.NONE), error);
    }

    /** What a client finds wrong with this answer, or null. */
    @Nullable String refusal() {
      if (!error.isEmpty()) {
        return "the server refuses the negotiation: " + error;
      }
      if (!selected.message.codec.equals(JSON_CODEC)) {
        return "the server chose a message codec that was not offered; expected json";
      }
      if (!selected.crypto.algorithm.equals(AES_256_GCM)) {
        return "the server chose an encryption that was not offered; expected aes-256-gcm";
      }
      return selected.crypto.serverRandom.length == RANDOM_BYTES
          ? null
          : "the server's random number has a wrong length; expected 32 bytes";
    }
  }

  record Selected(Codec message, Algorithm crypto) {
    Selected {
      message = message == null ? Codec.NONE : message;
      crypto = crypto == null ? Algorithm.NONE : crypto;
    }
  }

  record Codec(String codec) {
    static final Codec NONE = new Codec("");
  }

  @JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
  record Algorithm(String algorithm, byte[] serverRandom) {
    static final Algorithm NONE = new Algorithm("", NOTHING);
  }
}
