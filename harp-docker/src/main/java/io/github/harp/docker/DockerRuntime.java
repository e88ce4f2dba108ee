// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.Engines;
import io.github.harp.core.ExAppName;
import io.github.harp.core.ExAppRuntime;
import io.github.harp.core.HarpException;
import io.github.harp.core.TunnelFiles;
import io.github.harp.core.TunnelFiles.TunnelFile;
import io.github.harp.core.runtime.CertificateInstallation;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.EngineFacts;
import io.github.harp.core.runtime.ExAppSpec;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.docker.OrderRecord.Kind;
import io.github.harp.docker.order.AwaitStart;
import io.github.harp.docker.order.Containers;
import io.github.harp.docker.order.CreateContainer;
import io.github.harp.docker.order.DescribeEngine;
import io.github.harp.docker.order.InstallCertificates;
import io.github.harp.docker.order.NamesInDoubt;
import io.github.harp.docker.order.OrderQueue;
import io.github.harp.docker.order.RemoveImage;
import io.github.harp.docker.transport.Deadline;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineAddress;
import io.github.harp.docker.transport.EngineErrors;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs ExApps on one Docker or Podman engine, which may be of any API version.
 *
 * <p>Each call to the engine and each order as a whole has a limit ({@link OrderTimes}). An order
 * that has begun is finished or undone, whether or not somebody still waits for it. Those that
 * change an ExApp wait for each other, all roles of an ExApp together since they share a volume;
 * looking and waiting for a start change nothing and wait for nobody.
 *
 * <p>Thread-safe. Futures complete on a thread of the runtime.
 */
final class DockerRuntime implements ExAppRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(DockerRuntime.class);

  private final String name;
  private final EngineNumber number;
  private final Engines engines;
  private final EventLoopGroup loops;
  private final TunnelFiles tunnelFiles;
  private final OrderTimes times;
  private final OrderObserver observer;
  private final OrderQueue queue;
  private final NamesInDoubt inDoubt = new NamesInDoubt();

  DockerRuntime(
      EngineNumber number,
      Engines engines,
      EventLoopGroup loops,
      TunnelFiles tunnelFiles,
      OrderTimes times,
      OrderObserver observer) {
    this.name = "engine " + number;
    this.number = number;
    this.engines = engines;
    this.loops = loops;
    this.tunnelFiles = tunnelFiles;
    this.times = times;
    this.observer = observer;
    this.queue = new OrderQueue(name, times.turn(), loops);
  }

  /** Where the engine is now: a tunnel may have been dialled anew since the last order. */
  EngineAddress address() {
    var upstream =
        engines
            .find(number)
            .orElseThrow(
                () ->
                    new HarpException(
                        UNREACHABLE, name + ": not connected; connected are " + engines.numbers()));
    return new EngineAddress(name, upstream, loops);
  }

  @Override
  public Future<Optional<Deployed>> find(ExAppName exApp) {
    return order(
        Kind.FIND,
        "find " + exApp.container(),
        Optional.empty(),
        times.find(),
        engine -> new Containers(engine).find(exApp));
  }

  @Override
  public Future<Deployed> create(ExAppSpec spec) {
    return order(
        Kind.CREATE,
        "create " + spec,
        lane(spec.name()),
        times.create(),
        engine -> new CreateContainer(engine, spec, inDoubt).run());
  }

  @Override
  public Future<Boolean> start(ExAppName exApp) {
    return order(
        Kind.START,
        "start " + exApp.container(),
        lane(exApp),
        times.startOrStop(),
        engine -> new Containers(engine).start(exApp));
  }

  @Override
  public Future<Boolean> stop(ExAppName exApp) {
    return order(
        Kind.STOP,
        "stop " + exApp.container(),
        lane(exApp),
        times.startOrStop(),
        engine -> new Containers(engine).stop(exApp));
  }

  @Override
  public Future<StartOutcome> awaitStart(ExAppName exApp) {
    return order(
        Kind.AWAIT_START,
        "wait for the start of " + exApp.container(),
        Optional.empty(),
        times.awaitStart(),
        engine -> new AwaitStart(engine, exApp, times.startPatience()).run());
  }

  @Override
  public Future<Void> remove(ExAppName exApp, boolean removeData) {
    return order(
            Kind.REMOVE,
            "remove " + exApp.container() + (removeData ? " and its data" : ""),
            lane(exApp),
            times.remove(),
            engine -> {
              new Containers(engine).remove(exApp, removeData);
              return true;
            })
        .mapEmpty();
  }

  @Override
  public Future<ImageRemoval> removeImage(String imageRef) {
    return order(
        Kind.REMOVE_IMAGE,
        "remove image " + imageRef,
        Optional.empty(),
        times.removeImage(),
        engine -> new RemoveImage(engine, imageRef).run());
  }

  @Override
  public Future<Void> installCertificates(ExAppName exApp, CertificateInstallation installation) {
    return order(
            Kind.INSTALL_CERTIFICATES,
            "install certificates in " + exApp.container(),
            lane(exApp),
            times.installCertificates(),
            engine -> {
              new InstallCertificates(
                      engine,
                      exApp,
                      installation.systemBundle(),
                      filesFor(installation),
                      times.startOrStop().perCall())
                  .run();
              return true;
            })
        .mapEmpty();
  }

  @Override
  public Future<EngineFacts> describe() {
    return order(
        Kind.DESCRIBE,
        "describe",
        Optional.empty(),
        times.find(),
        engine -> new DescribeEngine(engine).run());
  }

  private List<TunnelFile> filesFor(CertificateInstallation installation) {
    return installation.tunnelFiles() ? tunnelFiles.forExApps() : List.of();
  }

  private interface Order<T> {
    T on(Engine engine) throws InterruptedException;
  }

  private static Optional<String> lane(ExAppName exApp) {
    return Optional.of(exApp.volume());
  }

  private <T> Future<T> order(
      Kind kind, String what, Optional<String> lane, OrderTimes.Limit limit, Order<T> order) {
    var given = System.nanoTime();
    return queue
        .submit(lane, () -> carryOut(EngineErrors.shown(what), limit, order))
        .onComplete(outcome -> tell(kind, outcome, System.nanoTime() - given));
  }

  private void tell(Kind kind, AsyncResult<?> outcome, long nanos) {
    var failure =
        Optional.ofNullable(outcome.cause())
            .map(cause -> cause instanceof HarpException known ? known.code() : FAILED);
    observer.finished(new OrderRecord(number, kind, failure, Duration.ofNanos(nanos)));
  }

  private <T> T carryOut(String what, OrderTimes.Limit limit, Order<T> order) {
    var begun = System.nanoTime();
    try (var engine = new Engine(address(), limit.perCall(), Deadline.in(limit.total()))) {
      var result = order.on(engine);
      LOG.info("{}: {}: done in {} ms", name, what, millisSince(begun));
      return result;
    } catch (InterruptedException e) {
      throw report(what, begun, new HarpException(UNAVAILABLE, name + ": HaRP stops", e));
    } catch (RuntimeException e) {
      throw report(what, begun, EngineErrors.translate(name + ", " + what, e));
    }
  }

  private HarpException report(String what, long begun, HarpException failure) {
    LOG.warn(
        "{}: {}: {} after {} ms: {}",
        name,
        what,
        failure.code(),
        millisSince(begun),
        failure.getMessage());
    return failure;
  }

  private static long millisSince(long begun) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
  }

  /** Takes no more orders; those that run go on. */
  void stopTaking() {
    queue.stop();
  }

  /** Waits for the running orders; false when {@code nanos} were not enough. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    return queue.awaitEnd(nanos);
  }

  /** Makes the running orders undo what they have to and end. */
  void interrupt() {
    queue.interrupt();
  }
}
