// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.frp.PeerAddress;
import io.github.harp.tunnel.frp.ServerMessage.DetectBehavior.Ports;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a server tells a peer to do, within what a decent one would ask for: it decides where this
 * host sends datagrams, so these are few.
 *
 * @param sends whether the other answers our datagrams; else we answer the other's
 * @param ttl of the first datagrams, which only have to leave our own NAT; 0 as usual
 * @param targets where the other may be
 * @param neighbours further ports of the other to be tried
 * @param hosts where ports of the other are guessed
 * @param guesses how many of them
 * @param sockets how many more to send from
 */
record Instructions(
    String sid,
    boolean sends,
    int ttl,
    int delayMillis,
    int patienceMillis,
    List<InetSocketAddress> targets,
    List<InetSocketAddress> neighbours,
    List<InetAddress> hosts,
    int guesses,
    int sockets) {

  private static final int MOST_ADDRESSES = 10;
  private static final int MOST_HOSTS = 2;
  private static final int MOST_NEIGHBOURS = 64;
  private static final int MOST_GUESSES = 1_000;
  private static final int MOST_SOCKETS = 256;
  private static final int MOST_DELAY = 15_000;
  private static final int MOST_PATIENCE = 60_000;
  private static final int USUAL_PATIENCE = 5_000;
  private static final int MAX_TTL = 255;
  private static final int MAX_PORT = 65_535;

  /**
   * @param server where it is, which says whether the peer may be on this host
   * @throws TunnelException if there is no way to go by what it says
   */
  static Instructions of(NatHoleResp said, InetAddress server) throws TunnelException {
    if (!said.protocol().isEmpty() && !said.protocol().equals("quic")) {
      throw new TunnelException(
          Code.REFUSED,
          "the visitor wants to speak "
              + said.protocol()
              + ", which this client does not; expected protocol = \"quic\", frpc's default");
    }
    var behaviour = said.detectBehavior();
    var sends = behaviour.role().equals("sender");
    var seen = addresses(said.candidateAddrs(), server);
    var own = addresses(said.assistedAddrs(), server);
    if (seen.isEmpty()) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION, "the server names no address that could be the peer's");
    }
    var hosts =
        seen.stream().map(InetSocketAddress::getAddress).distinct().limit(MOST_HOSTS).toList();
    var targets = sends ? Stream.concat(own.stream(), seen.stream()) : seen.stream();
    return new Instructions(
        said.sid(),
        sends,
        within(behaviour.ttl(), MAX_TTL),
        within(behaviour.sendDelayMs(), MOST_DELAY),
        behaviour.readTimeout() <= 0
            ? USUAL_PATIENCE
            : within(behaviour.readTimeout(), MOST_PATIENCE),
        sends || behaviour.candidatePorts().isEmpty() ? targets.distinct().toList() : List.of(),
        neighbours(hosts, behaviour.candidatePorts()),
        hosts,
        within(behaviour.sendRandomPorts(), MOST_GUESSES),
        sends ? 0 : within(behaviour.listenRandomPorts(), MOST_SOCKETS));
  }

  private static int within(int asked, int most) {
    return Math.max(0, Math.min(asked, most));
  }

  private static List<InetSocketAddress> addresses(List<String> texts, InetAddress server) {
    return texts.stream()
        .limit(MOST_ADDRESSES)
        .flatMap(text -> PeerAddress.read(text).stream())
        .filter(address -> PeerAddress.leadsToPeer(address.getAddress(), server))
        .toList();
  }

  private static List<InetSocketAddress> neighbours(List<InetAddress> hosts, List<Ports> ranges) {
    var all = new ArrayList<InetSocketAddress>();
    for (var host : hosts) {
      ranges.stream()
          .flatMapToInt(
              range ->
                  IntStream.rangeClosed(Math.max(1, range.from()), Math.min(range.to(), MAX_PORT)))
          .limit(MOST_NEIGHBOURS)
          .forEach(port -> all.add(new InetSocketAddress(host, port)));
    }
    return List.copyOf(all);
  }
}
