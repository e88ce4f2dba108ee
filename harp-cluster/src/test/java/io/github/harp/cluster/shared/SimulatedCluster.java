// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static java.util.stream.Collectors.toMap;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Nodes that serve several Nextclouds, in one process: what runs in each is what runs in production
 * but for the servers, the time, and the tunnels, which are entries in its register. Ports and
 * addresses are the same in all Nextclouds.
 */
final class SimulatedCluster {

  static final int BANNING = 10;

  private static final Duration WINDOW = Duration.ofHours(1);
  private static final int FIRST_PORT = 23_000;
  private static final Duration BEAT = Duration.ofMillis(900);
  private static final int LOOKS = 4;
  private static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(1);
  private static final Duration REDIALS_WITHIN = Duration.ofSeconds(2);

  final SimulatedTime time = new SimulatedTime();
  final List<SimulatedServers> streams;
  final List<Node> nodes;
  private final Random random;
  private final List<Client> clients;
  private long sessions;

  /** With one Nextcloud. */
  SimulatedCluster(int nodes, int clients, long seed) {
    this(nodes, clients, 1, seed);
  }

  /**
   * @param clients of each Nextcloud, of which each has one port in common with its neighbours
   */
  SimulatedCluster(int nodes, int clients, int nextclouds, long seed) {
    this.random = new Random(seed);
    this.streams =
        Stream.generate(() -> new SimulatedServers(time, random)).limit(nextclouds).toList();
    this.nodes = IntStream.range(0, nodes).mapToObj(Node::new).toList();
    this.clients =
        IntStream.range(0, clients * nextclouds)
            .mapToObj(
                it -> new Client(it % nextclouds, FIRST_PORT + it / nextclouds + it % nextclouds))
            .toList();
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

  /** All data of the servers is lost. */
  void flush() {
    streams.forEach(SimulatedServers::flush);
  }

  /** What was written and read of all Nextclouds. */
  SimulatedServers.Counts counts() {
    return streams.stream()
        .map(SimulatedServers::counts)
        .reduce(SimulatedServers.Counts::and)
        .orElseThrow();
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
              var where = node.served.get(client.nextcloud).register.at(client.port);
              return node == owner ? where instanceof Where.Here : where.equals(elsewhere);
            });
  }

  /** Of which ports one Nextcloud knows anywhere, beside those of its own clients. */
  Set<Integer> foreignPorts(int nextcloud) {
    var ports =
        nodes.stream()
            .flatMap(node -> node.served.get(nextcloud).register.past().keySet().stream())
            .collect(toSet());
    clients.stream().filter(it -> it.nextcloud == nextcloud).forEach(it -> ports.remove(it.port));
    return ports;
  }

  /** How many failures nodes know of: one number where all know the same. */
  Set<Integer> counted(int nextcloud, InetAddress address) {
    return nodes.stream()
        .map(node -> node.served.get(nextcloud).failures.of(address).size())
        .collect(toSet());
  }

  /** Of which failures any node knows. */
  Set<Long> known(int nextcloud, InetAddress address) {
    return nodes.stream().flatMap(node -> node.known(nextcloud, address).stream()).collect(toSet());
  }

  boolean isBannedEverywhere(InetAddress address) {
    return nodes.stream().allMatch(node -> node.hasBanned(address));
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
    private final int nextcloud;
    private final int port;
    private Node at;
    private int dials;

    private Client(int nextcloud, int port) {
      this.nextcloud = nextcloud;
      this.port = port;
    }

    /** Where it was, nobody has noticed yet. */
    void dial() {
      var node = nodes.get(random.nextInt(nodes.size()));
      dials++;
      if (at != node) {
        at = node;
        node.served.get(nextcloud).open(this);
      }
    }

    /** How often it has. */
    int dials() {
      return dials;
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
    private int life;
    private List<Served> served = List.of();
    private Map<Node, Seen> seen = new HashMap<>();

    /** How often it has shown that it lives. */
    private long spoken;

    private record Seen(int life, long spoken, int looksSince) {}

    private Node(int number) {
      name = "node" + number;
      begin();
    }

    private void begin() {
      life++;
      spoken = 0;
      seen = new HashMap<>();
      served =
          IntStream.range(0, streams.size())
              .mapToObj(nextcloud -> new Served(this, nextcloud))
              .toList();
      served.forEach(it -> it.line.open());
      var now = life;
      time.within(BEAT, random, () -> beat(now));
    }

    private void beat(int ofLife) {
      if (life == ofLife) {
        if (!served.get(0).line.isCut()) {
          look();
          served.forEach(Served::speak);
          spoken++;
        }
        time.after(BEAT, () -> beat(ofLife));
      }
    }

    private void look() {
      var alive = new ArrayList<Node>();
      for (var other : nodes) {
        if (other.spoken > 0) {
          var last = seen.get(other);
          var isNews = last == null || last.life() != other.life || last.spoken() < other.spoken;
          var looks = isNews ? 0 : last.looksSince() + 1;
          seen.put(other, new Seen(other.life, other.spoken, looks));
          if (looks < LOOKS) {
            alive.add(other);
          }
        }
      }
      served.forEach(it -> it.look(alive));
    }

    Journal journal() {
      return served.get(0).line;
    }

    SharedFailures shares(Failures local) {
      return served.get(0).shares(local);
    }

    void restart() {
      var had = served.stream().flatMap(it -> it.close().stream()).toList();
      begin();
      had.forEach(client -> client.lost(this));
    }

    void cut(boolean isCut) {
      served.forEach(it -> it.line.cut(isCut));
    }

    /** Of the first Nextcloud. */
    void fails(InetAddress address) {
      fails(0, address);
    }

    /** By which id it is known. */
    long fails(int nextcloud, InetAddress address) {
      served.get(nextcloud).failures.record(address, "guesses");
      var all = failures(nextcloud).of(address);
      return all.get(all.size() - 1).id();
    }

    Failures failures(int nextcloud) {
      return served.get(nextcloud).failures;
    }

    Set<Long> known(int nextcloud, InetAddress address) {
      return failures(nextcloud).of(address).stream().map(Failures.Failure::id).collect(toSet());
    }

    /** In which of its lives it is. */
    int life() {
      return life;
    }

    boolean hasBanned(InetAddress address) {
      return served.get(0).failures.isBanned(address);
    }
  }

  /** A Nextcloud at a node in one of its lives: its one thread, and what it knows of others. */
  private final class Served implements Loop, Peers {
    private final Node node;
    private final int nextcloud;
    private final String run;
    private final SimulatedServers.Line line;
    private final TunnelRegister register;
    private final SharedFailures failures;
    private final Map<Integer, Client> tunnels = new HashMap<>();
    private final Map<Integer, Long> opened = new HashMap<>();
    private Map<String, Long> said = Map.of();
    private LongSupplier number = () -> 0;
    private Runnable whenRead = () -> {};

    /** What it has said last: a number, and how far it has written. */
    private long says;

    private long told;

    Served(Node node, int nextcloud) {
      this.node = node;
      this.nextcloud = nextcloud;
      this.run = node.name + "#" + node.life + " of " + nextcloud;
      this.line = streams.get(nextcloud).line(run);
      this.register =
          new TunnelRegister(
              new CachedExAppRecords(new FakeNextcloud(), time::nanos), Map.of(), time::nanos);
      this.failures = shares(new BanList("users", BANNING, WINDOW, time::nanos));
      var clock =
          Clock.fixed(
              Instant.EPOCH.plus(
                  Duration.ofMillis(
                      Duration.ofDays(365).toMillis()
                          + random.nextInt((int) CLOCKS_DIFFER_BY.toMillis()))),
              ZoneOffset.UTC);
      new SharedTunnels(this, line, this, clock, node.name).share(register, this::end);
    }

    SharedFailures shares(Failures local) {
      return new SharedFailures(local, line, this, this, WINDOW);
    }

    private void open(Client client) {
      tunnels.put(client.port, client);
      register.opened(++sessions, client.port, TunnelHolder.OF_KEY);
      opened.put(client.port, sessions);
    }

    private void end(int port, String reason) {
      var client = tunnels.remove(port);
      if (client != null) {
        register.closed(opened.remove(port), port);
        client.lost(node);
      }
    }

    /** Whose tunnels end with it. */
    List<Client> close() {
      line.close();
      register.close();
      return List.copyOf(tunnels.values());
    }

    private void speak() {
      says = number.getAsLong();
      told = line.told();
    }

    private void look(List<Node> alive) {
      var all = alive.stream().map(it -> it.served.get(nextcloud)).toList();
      said = all.stream().collect(toMap(it -> it.run, it -> it.says));
      line.compare(all.stream().collect(toMap(it -> it.run, it -> it.told)));
      whenRead.run();
    }

    @Override
    public void run(Runnable task) {
      time.after(
          Duration.ZERO,
          () -> {
            if (node.served.get(nextcloud) == this) {
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
