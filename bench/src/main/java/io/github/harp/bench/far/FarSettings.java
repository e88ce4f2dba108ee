// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What the lines of the {@code wan-*} scenarios are like, and what passes over them. */
public final class FarSettings {
  @Option(
      names = "--wan-size",
      paramLabel = "MIB",
      description = "Bytes of a transfer in wan-*, in MiB; default: ${DEFAULT-VALUE}.")
  private int mebibytes = 128;

  @Option(
      names = "--wan-rate",
      paramLabel = "MBIT",
      description = "Each host's line in wan-*, in Mbit/s; default: ${DEFAULT-VALUE}.")
  private int megabits = 300;

  @Option(
      names = "--wan-round-trip",
      paramLabel = "MS",
      description = "Between any two hosts in wan-*, in ms; default: ${DEFAULT-VALUE}.")
  private int roundTripMillis = 90;

  @Option(
      names = "--wan-limit",
      paramLabel = "SECONDS",
      description =
          "What a transfer in wan-* may take before it counts as failed; default:"
              + " ${DEFAULT-VALUE}.")
  private int limitSeconds = 300;

  @Option(
      names = "--wan-option",
      paramLabel = "OPTION",
      description = "Passed to interop/wan/lab, for example --wan-option=--congestion=bbr.")
  private List<String> more = List.of();

  long bytes() {
    return (long) mebibytes << 20;
  }

  Duration limit() {
    return Duration.ofSeconds(limitSeconds);
  }

  /** Options of {@code interop/wan/lab}, before those of a scenario. */
  List<String> options() {
    var options = new ArrayList<String>();
    for (var host : Host.values()) {
      // There and back each way passes two lines.
      var line = "rate=%dm,delay=%dus".formatted(megabits, roundTripMillis * 250);
      options.addAll(List.of("--line", host.option() + "=" + line));
    }
    for (var option : more) {
      options.addAll(List.of(option.split("=", 2)));
    }
    return options;
  }
}
