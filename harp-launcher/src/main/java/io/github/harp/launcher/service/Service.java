// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.service;

import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.launcher.gateway.StartException;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.launcher.logging.LoggedErrors;
import io.github.harp.operations.observe.EventLoopWatch;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway as a process: it runs until a signal ends it. */
public final class Service {

  private static final Logger LOG = LoggerFactory.getLogger(Service.class);
  private static final Logger PROGRESS = LoggerFactory.getLogger(LogOutput.PROGRESS);
  private static final long START_SECONDS = 60;

  private final Source source;
  private final Configuration configuration;
  private final LastWords lastWords = new LastWords();
  private final CountDownLatch told = new CountDownLatch(1);

  /** Where the configuration is read, now and whenever somebody wants it to be read again. */
  @FunctionalInterface
  public interface Source {
    Configuration read() throws ConfigurationException;
  }

  /**
   * @throws ConfigurationException when there is nothing to start with
   */
  public Service(Source source) throws ConfigurationException {
    this.source = source;
    this.configuration = source.read();
  }

  /** What it starts with. */
  public Configuration configuration() {
    return configuration;
  }

  /** Serves until it is told to stop; false when it could not start, which has been logged. */
  public boolean run() throws InterruptedException {
    Signals.on("TERM", this::stop);
    Signals.on("INT", this::stop);
    Signals.on("USR1", this::stop);
    LoggedErrors.tell(lastWords::broken);
    try {
      var vertx = vertx();
      var gateway = new Gateway(configuration, vertx, lastWords::broken);
      Signals.on("HUP", () -> reload(gateway));
      await(gateway.start(), START_SECONDS);
      EarlyClasses.ofThisProcess().loadInBackground();
      try (var watch = watch(gateway, vertx)) {
        LOG.debug("{} watches the event loops", watch);
        told.await();
      }
      PROGRESS.info("stopping");
      end(gateway, vertx);
      return true;
    } catch (StartException | ExecutionException | TimeoutException e) {
      // What came out of a future is wrapped.
      Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
      LOG.error("can't start: {}", cause.getMessage());
      LOG.debug("can't start", cause);
      return false;
    }
  }

  /** Has the configuration read again; one that is broken now changes nothing. */
  Future<Void> reload(Gateway gateway) {
    try {
      return gateway
          .reload(source.read())
          .onFailure(failure -> LOG.error("not all of the configuration is in use", failure));
    } catch (ConfigurationException e) {
      LOG.error("the configuration has mistakes now, nothing is changed:");
      e.mistakes().forEach(mistake -> LOG.error("{}", mistake));
      return Future.succeededFuture();
    }
  }

  /** Makes {@link #run} stop the gateway and return. */
  void stop() {
    told.countDown();
  }

  /** A loop that is stuck can't be mended from inside; {@code halt} needs nobody's help. */
  private EventLoopWatch watch(Gateway gateway, Vertx vertx) {
    var watchdog = configuration.operation().watchdog();
    var patience =
        watchdog.enabled()
            ? watchdog.interval().multipliedBy(watchdog.fails())
            : Duration.ofSeconds(Long.MAX_VALUE / 1_000_000_000);
    return new EventLoopWatch(
            ((VertxInternal) vertx).nettyEventLoopGroup(),
            gateway.registry(),
            patience,
            lastWords::stuck,
            lastWords::ended)
        .start();
  }

  private Vertx vertx() throws StartException {
    try {
      return configuration.operation().transport().start();
    } catch (IllegalArgumentException e) {
      throw new StartException("HP_TRANSPORT: " + e.getMessage(), e);
    }
  }

  private void end(Gateway gateway, Vertx vertx) throws InterruptedException {
    var grace = configuration.operation().shutdownGrace();
    try {
      await(gateway.stop(grace).transform(done -> vertx.close()), Math.max(1, grace.toSeconds()));
      PROGRESS.info("stopped");
    } catch (ExecutionException e) {
      LOG.warn("stopped with an error: {}", String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      LOG.warn("stopped with work left after {} s", grace.toSeconds());
    }
  }

  private static void await(Future<?> future, long seconds)
      throws InterruptedException, ExecutionException, TimeoutException {
    future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
  }
}
