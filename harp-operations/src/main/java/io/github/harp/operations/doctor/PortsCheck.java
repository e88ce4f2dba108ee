// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.HarpException;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.operations.Check;
import io.github.harp.operations.Finding;
import io.github.harp.operations.Severity;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Whether the addresses that HaRP listens on accept connections, or are free for it when it does
 * not run.
 */
final class PortsCheck implements Check {

  private static final String NAME = "ports";
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** Whether HaRP runs, as far as one knows. */
  enum Expectation {
    RUNNING,
    STOPPED,
    UNKNOWN
  }

  private final Outside outside;
  private final Map<String, ListenAddress> listeners;
  private final Expectation expectation;

  /**
   * @param listeners addresses by the variable that sets them, in the order to show them in
   */
  PortsCheck(Outside outside, Map<String, ListenAddress> listeners, Expectation expectation) {
    this.outside = outside;
    this.listeners = listeners;
    this.expectation = expectation;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    listeners.forEach(
        (variable, address) ->
            findings.add(
                switch (expectation) {
                  case RUNNING -> accepts(variable, address);
                  case STOPPED -> isFree(variable, address);
                  case UNKNOWN -> isInUse(variable, address);
                }));
    return findings;
  }

  private Finding isInUse(String variable, ListenAddress address) {
    var connected = accepts(variable, address);
    return connected.severity() == Severity.OK
        ? Finding.note(
            NAME,
            connected.seen(),
            "by HaRP if it runs, else by another program: it could not be asked")
        : connected;
  }

  private Finding accepts(String variable, ListenAddress address) {
    try {
      outside.knock(address.seenFromHere(), PATIENCE);
      return Finding.ok(NAME, address + " accepts connections (" + variable + ")");
    } catch (IOException e) {
      return Finding.failure(
          NAME,
          address + " does not accept connections: " + HarpException.reasonOf(e),
          "nobody reaches this part of HaRP",
          "look for errors about " + variable + " in the log, then restart HaRP");
    }
  }

  private static Finding isFree(String variable, ListenAddress address) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address.toSocketAddress());
      return Finding.ok(NAME, address + " is free (" + variable + "); HaRP does not run here");
    } catch (IOException e) {
      return Finding.failure(
          NAME,
          address + " can't be listened on: " + HarpException.reasonOf(e),
          "HaRP will not start: another program has this port, or the address is not this host's",
          "find who has it with 'ss -ltnp', stop that, or set " + variable + " to another address");
    }
  }
}
