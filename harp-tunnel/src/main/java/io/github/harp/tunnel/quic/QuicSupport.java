// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.netty.handler.codec.quic.Quic;
import java.util.Optional;

/** Whether QUIC can be spoken here. */
public final class QuicSupport {

  private QuicSupport() {}

  /** What stands in the way, in words for whoever starts this program. */
  public static Optional<String> obstacle() {
    try {
      return Quic.isAvailable()
          ? Optional.empty()
          : Optional.of(
              "QUIC's native library does not load here: "
                  + Quic.unavailabilityCause().getMessage());
    } catch (NoClassDefFoundError absent) {
      return Optional.of(
          "QUIC is not on the class path; expected io.netty:netty-codec-native-quic, with the"
              + " classifier of this platform");
    }
  }
}
