// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.Engines;
import io.github.harp.core.ExAppRuntime;
import io.github.harp.core.ExAppRuntimes;
import io.github.harp.core.HarpException;
import io.github.harp.core.Place;
import io.github.harp.core.TunnelFiles;
import io.github.harp.docker.transport.Deadline;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
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

  private static final Duration UNDO = Duration.ofMillis(1500);

  private final ExAppRuntimes onEngines = ExAppRuntimes.onEngines(this::onEngine);
  private final Engines engines;
  private final EventLoopGroup loops;
  private final TunnelFiles tunnelFiles;
  private final OrderTimes times;
  private final OrderObserver observer;

  private final Map<EngineNumber, DockerRuntime> runtimes = new HashMap<>();
  private boolean closed;

  /**
   * @param loops where connections to engines live; stays the caller's
   * @param tunnelFiles what containers get to dial in with
   */
  public DockerRuntimes(Engines engines, EventLoopGroup loops, TunnelFiles tunnelFiles) {
    this(engines, loops, tunnelFiles, OrderObserver.none());
  }

  /**
   * The same, watched.
   *
   * @param observer is told of each order when it is over
   */
  public DockerRuntimes(
      Engines engines, EventLoopGroup loops, TunnelFiles tunnelFiles, OrderObserver observer) {
    this(engines, loops, tunnelFiles, OrderTimes.OF_THE_CONTRACT, observer);
  }

  DockerRuntimes(
      Engines engines,
      EventLoopGroup loops,
      TunnelFiles tunnelFiles,
      OrderTimes times,
      OrderObserver observer) {
    this.engines = engines;
    this.loops = loops;
    this.tunnelFiles = tunnelFiles;
    this.times = times;
    this.observer = observer;
  }

  @Override
  public ExAppRuntime at(Place place) {
    return onEngines.at(place);
  }

  private synchronized ExAppRuntime onEngine(EngineNumber number) {
    if (closed) {
      throw new HarpException(UNAVAILABLE, "engine " + number + ": HaRP stops");
    }
    var runtime = runtimes.get(number);
    if (runtime == null) {
      runtime = new DockerRuntime(number, engines, loops, tunnelFiles, times, observer);
    }
    runtime.address();
    // Kept when an engine goes: it costs nothing, and knows what a lost answer left in doubt.
    runtimes.put(number, runtime);
    return runtime;
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
    List<DockerRuntime> closing;
    synchronized (this) {
      closed = true;
      closing = List.copyOf(runtimes.values());
      runtimes.clear();
    }
    closing.forEach(DockerRuntime::stopTaking);
    try {
      if (!awaitEnd(closing, Deadline.in(grace))) {
        closing.forEach(DockerRuntime::interrupt);
        awaitEnd(closing, Deadline.in(UNDO));
      }
    } catch (InterruptedException e) {
      closing.forEach(DockerRuntime::interrupt);
      Thread.currentThread().interrupt();
    }
  }

  private static boolean awaitEnd(List<DockerRuntime> runtimes, Deadline deadline)
      throws InterruptedException {
    var ended = true;
    for (var runtime : runtimes) {
      ended &= runtime.awaitEnd(deadline.remainingNanos());
    }
    return ended;
  }
}
