// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static io.github.harp.core.HarpException.Code.UNAVAILABLE;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.orders.OrderDesk;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.orders.Workers;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.core.upstream.Engines;
import io.github.harp.docker.order.NamesInDoubt;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineAddress;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs ExApps on Docker and Podman engines, whatever connects to them: a socket of this host or a
 * tunnel that a remote one dialled in with.
 *
 * <p>Engines do not wait for each other: each has threads and a queue of its own, made with its
 * first order; the threads go a few seconds after its last one. Connections are open only during
 * calls.
 *
 * <p>Thread-safe; {@link #at} never blocks. {@link #close(Duration)} does.
 */
public final class DockerRuntimes implements ExAppRuntimes, AutoCloseable {

  /** How many orders one engine carries out at a time. */
  private static final int WORKERS = 16;

  private final ExAppRuntimes onEngines = ExAppRuntimes.onEngines(this::onEngine);
  private final Engines engines;
  private final EventLoopGroup loops;
  private final TunnelFiles tunnelFiles;
  private final OrderTimes times;
  private final OrderObserver observer;
  private final OrderLocks locks;

  private final Map<EngineNumber, OrderDesk> desks = new HashMap<>();
  private boolean closed;

  /**
   * @param loops where connections to engines live; stays the caller's
   * @param tunnelFiles what containers get to dial in with
   * @param observer is told of each order when it is over
   * @param locks what keeps other nodes off
   */
  public DockerRuntimes(
      Engines engines,
      EventLoopGroup loops,
      TunnelFiles tunnelFiles,
      OrderObserver observer,
      OrderLocks locks) {
    this(engines, loops, tunnelFiles, new OrderTimes(), observer, locks);
  }

  DockerRuntimes(
      Engines engines,
      EventLoopGroup loops,
      TunnelFiles tunnelFiles,
      OrderTimes times,
      OrderObserver observer,
      OrderLocks locks) {
    this.engines = engines;
    this.loops = loops;
    this.tunnelFiles = tunnelFiles;
    this.times = times;
    this.observer = observer;
    this.locks = locks;
  }

  @Override
  public ExAppRuntime at(Place place) {
    return onEngines.at(place);
  }

  private synchronized ExAppRuntime onEngine(EngineNumber number) {
    if (closed) {
      throw new HarpException(UNAVAILABLE, "engine " + number + ": HaRP stops");
    }
    address(number);
    // Kept when an engine goes: it costs nothing, and knows what a lost answer left in doubt.
    return desks.computeIfAbsent(number, this::desk);
  }

  private OrderDesk desk(EngineNumber number) {
    var inDoubt = new NamesInDoubt();
    return new OrderDesk(
        Place.engine(number),
        (limit, held) ->
            new DockerHost(
                new Engine(
                    address(number),
                    limit.perCall(),
                    Deadline.in(limit.total(), Ticker.systemTicker()),
                    held),
                tunnelFiles,
                times,
                inDoubt),
        times,
        observer,
        locks,
        Workers.upTo(WORKERS, Integer.MAX_VALUE, "harp-order-engine-" + number),
        loops,
        Ticker.systemTicker());
  }

  /** Where an engine is now: a tunnel may have been dialled anew since the last order. */
  private EngineAddress address(EngineNumber number) {
    var name = "engine " + number;
    var upstream =
        engines
            .find(number)
            .orElseThrow(
                () ->
                    new HarpException(
                        UNREACHABLE, name + ": not connected; connected are " + engines.numbers()));
    return new EngineAddress(name, upstream, loops, observer.tracing());
  }

  /** {@link #close(Duration)} without waiting for orders. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /**
   * Takes no more orders and lets those that run end by themselves for {@code grace}, then makes
   * them undo what they began, which takes at most 1.5 s more.
   */
  public void close(Duration grace) {
    Map<EngineNumber, OrderDesk> closing;
    synchronized (this) {
      closed = true;
      closing = Map.copyOf(desks);
      desks.clear();
    }
    OrderDesk.close(closing.values(), grace);
  }
}
