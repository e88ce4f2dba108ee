// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static java.util.stream.Collectors.toSet;

import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.journal.SimulatedServers;
import io.github.harp.cluster.journal.SimulatedTime;
import io.github.harp.cluster.presence.Peers;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Where;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Nodes of one Nextcloud in one process: what runs in each is what runs in production but for the
 * servers, the time, and the tunnels, which are entries in its register.
 */
final class SimulatedCluster {

  static final int BANNING = 10;

  private static final int FIRST_PORT = 23_000;
  private static final Duration BEAT = Duration.ofMillis(900);
  private static final int LOOKS = 4;
  private static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(1);
  private static final Duration REDIALS_WITHIN = Duration.ofSeconds(2);

  final SimulatedTime time = new SimulatedTime();
  final SimulatedServers servers;
  final List<Node> nodes;
  private final Random random;
  private final List<Client> clients;
  private long sessions;

  SimulatedCluster(int nodes, int clients, long seed) {
    this.random = new Random(seed);
    this.servers = new SimulatedServers(time, random);
    this.nodes = IntStream.range(0, nodes).mapToObj(Node::new).toList();
    this.clients = IntStream.range(0, clients).mapToObj(it -> new Client(FIRST_PORT + it)).toList();
  }

  /** All clients dial in, this many a second. */
  void allDialIn(int perSecond) {
    for (var i = 0; i < clients.size(); i++) {
      time.after(Duration.ofNanos(i * 1_000_000_000L / perSecond), clients.get(i)::dial);
    }
  }

  Client client(int number) {
    return clients.get(number % clients.size());
  }

  Node node(int number) {
    return nodes.get(number % nodes.size());
  }

  static InetAddress address(int number) {
    try {
      return InetAddress.getByAddress(new byte[] {10, 0, (byte) (number >> 8), (byte) number});
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Each client has one tunnel, and every node knows where. */
  boolean agreesOnTunnels() {
    return clients.stream().allMatch(this::isOwnedOnce);
  }

  private boolean isOwnedOnce(Client client) {
    var owner = client.at;
    if (owner == null) {
      return false;
    }
    Where elsewhere = new Where.Elsewhere(owner.name, TunnelHolder.OF_KEY);
    return nodes.stream()
        .allMatch(
            node -> {
              var where = node.register.at(client.port);
              return node == owner ? where instanceof Where.Here : where.equals(elsewhere);
            });
  }

  /** How many failures nodes know of: one number where all know the same. */
  Set<Integer> counted(InetAddress address) {
    return nodes.stream().map(node -> node.failures.of(address).size()).collect(toSet());
  }

  boolean isBannedEverywhere(InetAddress address) {
    return nodes.stream().allMatch(node -> node.failures.isBanned(address));
  }

  /** How long it took, or was to take at most. */
  Duration until(BooleanSupplier is, Duration most) {
    var began = time.nanos();
    while (!is.getAsBoolean() && time.nanos() - began < most.toNanos()) {
      time.pass(Duration.ofMillis(100));
    }
    return Duration.ofNanos(time.nanos() - began);
  }

  /** An ExApp's client, which dials in wherever the balancer sends it, for ever. */
  final class Client {
    private final int port;
    private Node at;

    private Client(int port) {
      this.port = port;
    }

    /** Where it was, nobody has noticed yet. */
    void dial() {
      var node = nodes.get(random.nextInt(nodes.size()));
      if (at != node) {
        at = node;
        node.open(this);
      }
    }

    private void lost(Node by) {
      if (at == by) {
        at = null;
        time.within(REDIALS_WITHIN, random, this::dialAgain);
      }
    }

    private void dialAgain() {
      if (at == null) {
        dial();
      }
    }
  }

  /** A node with as many lives as it takes. */
  final class Node {
    private final String name;
    private final Map<Integer, Client> tunnels = new HashMap<>();
    private int life;
    private Life now;
    private TunnelRegister register;
    private SharedFailures failures;

    private Node(int number) {
      name = "node" + number;
      begin();
    }

    private void begin() {
      now = new Life(this, name + "#" + ++life);
      register =
          new TunnelRegister(
              new CachedExAppRecords(new FakeNextcloud(), time::nanos), Map.of(), time::nanos);
      failures = shares(new BanList("users", BANNING, Duration.ofHours(1), time::nanos));
      var clock =
          Clock.fixed(
              Instant.EPOCH.plus(
                  Duration.ofMillis(
                      Duration.ofDays(365).toMillis()
                          + random.nextInt((int) CLOCKS_DIFFER_BY.toMillis()))),
              ZoneOffset.UTC);
      new SharedTunnels(now, now.line, now, clock, name).share(register, this::end);
      now.open();
    }

    SharedFailures shares(Failures local) {
      return new SharedFailures(local, now.line, now, now);
    }

    Journal journal() {
      return now.line;
    }

    void restart() {
      now.line.close();
      register.close();
      var had = List.copyOf(tunnels.values());
      tunnels.clear();
      begin();
      had.forEach(client -> client.lost(this));
    }

    void cut(boolean isCut) {
      now.line.cut(isCut);
    }

    void fails(InetAddress address) {
      failures.record(address, "guesses");
    }

    /** In which of its lives it is. */
    int life() {
      return life;
    }

    boolean hasBanned(InetAddress address) {
      return failures.isBanned(address);
    }

    private void open(Client client) {
      tunnels.put(client.port, client);
      register.opened(++sessions, client.port, TunnelHolder.OF_KEY);
      now.sessions.put(client.port, sessions);
    }

    private void end(int port, String reason) {
      var client = tunnels.remove(port);
      if (client != null) {
        register.closed(now.sessions.remove(port), port);
        client.lost(this);
      }
    }
  }

  /** Its one thread, and what it knows of others. */
  private final class Life implements Loop, Peers {
    private final SimulatedServers.Line line;
    private final String run;
    private final Map<Integer, Long> sessions = new HashMap<>();
    private final Map<Node, Seen> seen = new HashMap<>();
    private final Node node;
    private Map<String, Long> said = Map.of();
    private LongSupplier number = () -> 0;
    private Runnable whenRead = () -> {};

    /** What it says, and how often it has said something. */
    private long says;

    private long told;
    private long spoken;

    private record Seen(String run, long spoken, int looksSince) {}

    Life(Node node, String run) {
      this.node = node;
      this.run = run;
      this.line = servers.line(run);
    }

    void open() {
      line.open();
      time.within(BEAT, random, this::beat);
    }

    private void beat() {
      if (node.now != this) {
        return;
      }
      if (!line.isCut()) {
        look();
        says = number.getAsLong();
        told = line.told();
        spoken++;
      }
      time.after(BEAT, this::beat);
    }

    private void look() {
      var alive = new HashMap<String, Long>();
      var told = new HashMap<String, Long>();
      for (var other : nodes) {
        var there = other.now;
        if (there.spoken > 0) {
          var last = seen.get(other);
          var isNews =
              last == null || !last.run().equals(there.run) || last.spoken() < there.spoken;
          var looks = isNews ? 0 : last.looksSince() + 1;
          seen.put(other, new Seen(there.run, there.spoken, looks));
          if (looks < LOOKS) {
            alive.put(there.run, there.says);
            told.put(there.run, there.told);
          }
        }
      }
      said = alive;
      line.compare(told);
      whenRead.run();
    }

    @Override
    public void run(Runnable task) {
      time.after(
          Duration.ZERO,
          () -> {
            if (node.now == this) {
              task.run();
            }
          });
    }

    @Override
    public void after(Duration delay, Runnable task) {
      time.after(delay, () -> run(task));
    }

    @Override
    public long nanos() {
      return time.nanos();
    }

    @Override
    public String run() {
      return run;
    }

    @Override
    public Map<String, Long> said() {
      return said;
    }

    @Override
    public void says(LongSupplier what) {
      number = what;
    }

    @Override
    public void whenRead(Runnable listener) {
      whenRead = listener;
    }
  }
}
