// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import io.github.harp.core.HarpException;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.operations.Check;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Whether the addresses that HaRP listens on accept connections, or are free for it when it does
 * not run.
 *
 * @param listeners addresses by the variable that sets them, in the order to show them in
 */
public record PortsCheck(
    Outside outside, Map<String, ListenAddress> listeners, Expectation expectation)
    implements Check {

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** Whether HaRP runs, as far as one knows. */
  public enum Expectation {
    RUNNING,
    STOPPED,
    UNKNOWN
  }

  @Override
  public Stream<Finding> examine() {
    return listeners.entrySet().stream().map(it -> judge(it.getKey(), it.getValue()));
  }

  private Finding judge(String variable, ListenAddress address) {
    return switch (expectation) {
      case RUNNING -> accepts(variable, address);
      case STOPPED -> isFree(variable, address);
      case UNKNOWN -> isInUse(variable, address);
    };
  }

  private Finding isInUse(String variable, ListenAddress address) {
    var connected = accepts(variable, address);
    return connected.severity() == Severity.OK
        ? Finding.note(
            connected.seen(), "by HaRP if it runs, else by another program: it could not be asked")
        : connected;
  }

  private Finding accepts(String variable, ListenAddress address) {
    try {
      outside.knock(address.seenFromHere(), PATIENCE);
      return Finding.ok(address + " accepts connections (" + variable + ")");
    } catch (IOException e) {
      return Finding.failure(
          address + " does not accept connections: " + HarpException.reasonOf(e),
          "nobody reaches this part of HaRP",
          "look for errors about " + variable + " in the log, then restart HaRP");
    }
  }

  private static Finding isFree(String variable, ListenAddress address) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address.toSocketAddress());
      return Finding.ok(address + " is free (" + variable + "); HaRP does not run here");
    } catch (IOException e) {
      return Finding.failure(
          address + " can't be listened on: " + HarpException.reasonOf(e),
          "HaRP will not start: another program has this port, or the address is not this host's",
          "find who has it with 'ss -ltnp', stop that, or set " + variable + " to another address");
    }
  }
}
