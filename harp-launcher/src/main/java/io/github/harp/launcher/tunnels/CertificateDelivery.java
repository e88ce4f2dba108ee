// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.Engines;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppName;
import io.github.harp.core.ExAppRuntime;
import io.github.harp.core.ExAppRuntimes;
import io.github.harp.core.HarpException;
import io.github.harp.core.TunnelFiles;
import io.github.harp.core.runtime.CertificateInstallation;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings renewed certificates to the ExApps that have the old ones: into each container of an ExApp
 * that is known, on each engine that is connected, one after the other. Clients read their files
 * again whenever they dial in, so nothing is restarted.
 *
 * <p>One round at a time; a renewal in the middle of one is followed by another round. An engine
 * that does not answer is left out for the rest of a round. Thread-safe; never blocks.
 */
public final class CertificateDelivery {

  private static final Logger LOG = LoggerFactory.getLogger(CertificateDelivery.class);

  private static final CertificateInstallation TUNNEL_FILES =
      new CertificateInstallation(Optional.empty(), true);

  /** What other containers of the same engine would fail with, too. */
  private static final Set<HarpException.Code> NO_ENGINE =
      EnumSet.of(
          HarpException.Code.UNREACHABLE,
          HarpException.Code.TIMED_OUT,
          HarpException.Code.UNAVAILABLE);

  private final TunnelFiles files;
  private final ExAppRuntimes runtimes;
  private final Engines configured;
  private final Engines engines;
  private final Supplier<? extends Collection<ExApp>> exApps;
  private Future<Round> current = Future.succeededFuture(new Round());
  private Optional<Future<Round>> next = Optional.empty();

  /**
   * @param configured the engines that are reached without a tunnel
   * @param engines all of them
   * @param exApps those that are known now
   */
  public CertificateDelivery(
      TunnelFiles files,
      ExAppRuntimes runtimes,
      Engines configured,
      Engines engines,
      Supplier<? extends Collection<ExApp>> exApps) {
    this.files = files;
    this.runtimes = runtimes;
    this.configured = configured;
    this.engines = engines;
    this.exApps = exApps;
  }

  /**
   * What a round did, for each container in the form {@code nc_app_x on engine 24000}.
   *
   * @param remoteEngines those that dial in with files that somebody has to carry to them
   */
  record Round(List<String> done, List<String> failed, List<Integer> remoteEngines) {
    Round() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  /** Delivers the current files; the end of a round that began after this call. Never fails. */
  synchronized Future<Round> deliver() {
    if (current.isComplete()) {
      current = round();
      return current;
    }
    if (next.isEmpty()) {
      next = Optional.of(current.compose(ended -> startNext()));
    }
    return next.get();
  }

  /** {@link #deliver} for whom the outcome in the log is enough. */
  public void start() {
    deliver();
  }

  private synchronized Future<Round> startNext() {
    next = Optional.empty();
    current = round();
    return current;
  }

  private Future<Round> round() {
    var round = new Round();
    if (files.forExApps().isEmpty()) {
      return Future.succeededFuture(round);
    }
    var known = List.copyOf(exApps.get());
    return oneByOne(List.copyOf(engines.ports()), port -> toEngine(port, known, round))
        .map(
            done -> {
              LOG.info(
                  "tunnel certificates: {} containers have the new files, {} failed",
                  round.done().size(),
                  round.failed().size());
              return round;
            });
  }

  private Future<Void> toEngine(int port, List<ExApp> known, Round round) {
    if (configured.find(port).isEmpty()) {
      round.remoteEngines().add(port);
      LOG.warn(
          "tunnel certificates: engine {} dials in with a copy of the old ones; run 'harp certs export --engine-port {}"
              + " --server HOST' and put ca.crt, client.crt and client.key in place of those on its host",
          port,
          port);
    }
    return runtime(port)
        .compose(runtime -> oneByOne(known, exApp -> toContainer(runtime, port, exApp, round)))
        .recover(
            failure -> {
              LOG.warn(
                  "tunnel certificates: engine {} is left out: {}; containers on it keep the old files until they are"
                      + " deployed again",
                  port,
                  failure.getMessage());
              return Future.succeededFuture();
            });
  }

  /** Fails only when there is no point in trying other containers of this engine. */
  private static Future<Void> toContainer(
      ExAppRuntime runtime, int port, ExApp exApp, Round round) {
    return Future.succeededFuture(exApp.id())
        .map(ExAppName::new)
        .compose(
            name ->
                runtime
                    .find(name)
                    .compose(
                        found ->
                            found.isEmpty()
                                ? Future.<Void>succeededFuture()
                                : install(runtime, port, name, round)))
        .recover(
            failure -> {
              if (failure instanceof HarpException known && NO_ENGINE.contains(known.code())) {
                return Future.failedFuture(failure);
              }
              failed("nc_app_" + exApp.id() + " on engine " + port, failure, round);
              return Future.succeededFuture();
            });
  }

  private static Future<Void> install(ExAppRuntime runtime, int port, ExAppName name, Round round) {
    var container = name.container() + " on engine " + port;
    return runtime
        .installCertificates(name, TUNNEL_FILES)
        .onSuccess(
            done -> {
              round.done().add(container);
              LOG.info("tunnel certificates: {} has the new files", container);
            })
        .recover(
            failure -> {
              failed(container, failure, round);
              return Future.succeededFuture();
            });
  }

  private static void failed(String container, Throwable failure, Round round) {
    round.failed().add(container);
    LOG.warn(
        "tunnel certificates: {} keeps the old files: {}; deploy the ExApp again, or copy ca.crt, client.crt and"
            + " client.key into its /certs/frp",
        container,
        failure.getMessage());
  }

  private Future<ExAppRuntime> runtime(int port) {
    return Future.succeededFuture(port).map(runtimes::onEngine);
  }

  private static <T> Future<Void> oneByOne(List<T> all, Function<T, Future<Void>> step) {
    var chain = Future.<Void>succeededFuture();
    for (var one : all) {
      chain = chain.compose(done -> step.apply(one));
    }
    return chain;
  }
}
