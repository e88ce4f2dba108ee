// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.attack.kinds.AttackProcess;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.harp.HarpPeer;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.CpuTime;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.MachineLoad;
import io.github.harp.bench.process.OwnJvm;
import io.github.harp.bench.process.ResidentMemory;
import io.github.harp.bench.target.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * A HaRP that is attacked in one way after the other, while somebody else wants to be served. It
 * goes on with what one attack left it in; one that ended is started again. For one thread.
 */
public final class Siege implements AutoCloseable {
  private static final Duration WARM_UP = Duration.ofSeconds(4);
  private static final long LOOK_MILLIS = 50;
  private static final long LONGEST_BEGINNING_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long LONGEST_BACK_NANOS = Duration.ofSeconds(15).toNanos();

  private final Place place;
  private final HarpVariant variant;
  private final Duration duration;
  private HarpPeer harp;

  /** Starts HaRP, with a real frpc for the ExApps that have a tunnel. */
  public Siege(Place place, HarpVariant variant, Duration duration) {
    this.place = place;
    this.variant = variant;
    this.duration = duration;
    harp = start();
  }

  /** Attacks once; the name is one of a kind, or of several joined by {@code +}. */
  public Verdict endure(String kind) {
    if (!harp.isAlive()) {
      harp.close();
      harp = start();
    }
    var honest = HonestClient.all(harp, this::cpuSeconds);
    var before = MachineLoad.now();
    double cpuBefore = cpuSeconds();
    var attackers = attack(kind);
    try {
      attackers.awaitLog("opened");
      long resident =
          serve(honest, () -> attackers.log().contains(AttackProcess.ALL_THERE), duration);
      double cpu = cpuSeconds() - cpuBefore;
      var did = attackers.log().lines().reduce("", (first, last) -> last);
      attackers.close();
      long back = timeBack();
      var load = MachineLoad.now().since(before);
      var waits = new Histogram(3);
      var refusals = new TreeMap<String, Integer>();
      double inWorst = 0;
      for (var client : honest) {
        if (client.waits().getMaxValue() > waits.getMaxValue()) {
          inWorst = client.secondsInWorst();
        }
        waits.add(client.waits());
        client.refusals().forEach((what, times) -> refusals.merge(what, times, Integer::sum));
      }
      return new Verdict(
          kind,
          waits.getValueAtPercentile(99) / 1e6,
          waits.getMaxValue() / 1e6,
          inWorst * 1e3,
          waits.getTotalCount(),
          refusals,
          resident,
          cpu,
          harp.isAlive(),
          back / 1e6,
          load.othersShare() + load.stolenShare(),
          did);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted during the attack " + kind, e);
    } finally {
      attackers.close();
    }
  }

  @Override
  public void close() {
    harp.close();
  }

  private double cpuSeconds() {
    return CpuTime.of(Stream.of(harp.pid())).own();
  }

  /** A new one, which has served for a moment. */
  private HarpPeer start() {
    var fresh = HarpPeer.startWithTunnels(place, variant);
    harp = fresh;
    try {
      serve(HonestClient.all(fresh, this::cpuSeconds), () -> true, WARM_UP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while HaRP warmed up", e);
    }
    return fresh;
  }

  /** Has clients served for a time from some moment on, and before. Returns as {@link #watch}. */
  private long serve(List<HonestClient> clients, BooleanSupplier hasBegun, Duration time)
      throws InterruptedException {
    var threads = clients.stream().map(client -> new Thread(client, "honest")).toList();
    threads.forEach(Thread::start);
    try {
      return watch(hasBegun, time);
    } finally {
      threads.forEach(Thread::interrupt);
      for (var thread : threads) {
        thread.join();
      }
    }
  }

  /** Waits; returns the most memory that HaRP held meanwhile, in KiB. */
  private long watch(BooleanSupplier hasBegun, Duration time) throws InterruptedException {
    long latest = System.nanoTime() + LONGEST_BEGINNING_NANOS;
    long left = time.toNanos();
    long most = 0;
    while (left > 0 && harp.isAlive()) {
      if (hasBegun.getAsBoolean() || System.nanoTime() > latest) {
        left -= Duration.ofMillis(LOOK_MILLIS).toNanos();
      }
      most = Math.max(most, ResidentMemory.kib(Stream.of(harp.pid())));
      Thread.sleep(LOOK_MILLIS);
    }
    return most;
  }

  /** When a first request was served, in nanoseconds from now. */
  private long timeBack() {
    long start = System.nanoTime();
    for (var app : List.of(App.PLAIN, App.TUNNELLED)) {
      var target = harp.target(app, Protocol.HTTP);
      while (!HonestClient.to(List.of(target)).ask(target)
          && System.nanoTime() - start < LONGEST_BACK_NANOS
          && harp.isAlive()) {
        Thread.onSpinWait();
      }
    }
    return System.nanoTime() - start;
  }

  private Daemon attack(String kind) {
    var command =
        OwnJvm.command(
            AttackProcess.class,
            List.of("-XX:+UseSerialGC", "-Xmx512m", "-XX:TieredStopAtLevel=1"),
            kind,
            String.valueOf(harp.target(App.PLAIN, Protocol.HTTP).port()),
            String.valueOf(harp.target(App.PLAIN, Protocol.HTTPS).port()),
            String.valueOf(harp.frpPort()),
            String.valueOf(place.backend().port(App.HOSTILE)),
            harp.frpCertificates().toString());
    return Daemon.start("attack-" + System.nanoTime(), place.folder(), command, Map.of());
  }
}
