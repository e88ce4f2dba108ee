// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.core.upstream.Engines;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings renewed certificates to the ExApps that have the old ones: into each container of an ExApp
 * that is known, on each engine that is connected and in the cluster, one after the other. Clients
 * read their files again whenever they dial in, so nothing is restarted.
 *
 * <p>One round at a time; a renewal in the middle of one is followed by another round. A place that
 * does not answer is left out for the rest of a round. Who was not known or not reachable at a
 * renewal has its turn at a later {@link #catchUp}, but for a container that failed: that is told
 * once. Thread-safe; never blocks.
 */
final class CertificateDelivery {

  private static final Logger LOG = LoggerFactory.getLogger(CertificateDelivery.class);

  /** A new certificate of the server: clients need not have it. */
  private static final List<String> ONLY_OURS = List.of("server.crt");

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
  private final Supplier<? extends Collection<AppId>> exApps;
  private final String prefix;

  /** Which renewal each place's ExApps have been served for, and engines been told of. */
  private final Map<Settled, Integer> settled = new ConcurrentHashMap<>();

  /**
   * @param exApp empty for the engine's own
   */
  private record Settled(Place place, Optional<AppId> exApp) {}

  /** 0 before the first renewal of this process: what clients have is current. */
  private int renewal;

  private Future<Round> current = Future.succeededFuture(new Round(0));
  private Optional<Future<Round>> next = Optional.empty();

  /**
   * @param configured the engines that are reached without a tunnel
   * @param engines all of them
   * @param prefix how the names of containers begin
   * @param exApps the ids of those that are known now
   */
  CertificateDelivery(
      TunnelFiles files,
      ExAppRuntimes runtimes,
      Engines configured,
      Engines engines,
      Supplier<? extends Collection<AppId>> exApps,
      String prefix) {
    this.files = files;
    this.runtimes = runtimes;
    this.configured = configured;
    this.engines = engines;
    this.exApps = exApps;
    this.prefix = prefix;
  }

  /**
   * What a round did, for each container in the form {@code nc_app_x on engine 24000}.
   *
   * @param renewal whose files it brings
   * @param remoteEngines those that dial in with files that somebody has to carry to them
   */
  record Round(
      int renewal, List<String> done, List<String> failed, List<EngineNumber> remoteEngines) {
    Round(int renewal) {
      this(renewal, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  /** Delivers new files; the end of a round that began after this call. Never fails. */
  synchronized Future<Round> deliver() {
    renewal++;
    return nextRound();
  }

  private synchronized Future<Round> nextRound() {
    if (current.isComplete()) {
      current = round();
      return current;
    }
    if (next.isEmpty()) {
      next = Optional.of(current.compose(ended -> startNext()));
    }
    return next.get();
  }

  /**
   * {@link #deliver} for whom the outcome in the log is enough.
   *
   * @param issued what the authority has issued; it issues nothing when somebody else replaced the
   *     files
   */
  void renewed(List<String> issued) {
    if (!issued.equals(ONLY_OURS)) {
      deliver();
    }
  }

  /**
   * Serves those that have come since the last round. To be called now and then; does nothing
   * before the first renewal, and nothing for nobody.
   */
  synchronized void catchUp() {
    if (renewal > 0 && current.isComplete() && somebodyWaits()) {
      nextRound();
    }
  }

  private boolean somebodyWaits() {
    var known = exApps.get();
    return places().stream()
        .anyMatch(place -> known.stream().anyMatch(id -> !isSettled(pair(place, id), renewal)));
  }

  private List<Place> places() {
    return Stream.concat(
            engines.numbers().stream().map(Place::engine), runtimes.besideEngines().stream())
        .toList();
  }

  private boolean isSettled(Settled what, int forRenewal) {
    return settled.getOrDefault(what, 0) == forRenewal;
  }

  private static Settled pair(Place place, AppId exApp) {
    return new Settled(place, Optional.of(exApp));
  }

  private synchronized Future<Round> startNext() {
    next = Optional.empty();
    current = round();
    return current;
  }

  private Future<Round> round() {
    var round = new Round(renewal);
    if (files.forExApps().isEmpty()) {
      return Future.succeededFuture(round);
    }
    var known = List.copyOf(exApps.get());
    return oneByOne(places(), place -> to(place, known, round))
        .map(
            done -> {
              LOG.info(
                  "tunnel certificates: {} containers have the new files, {} failed",
                  round.done().size(),
                  round.failed().size());
              return round;
            });
  }

  private Future<Void> to(Place place, List<AppId> known, Round round) {
    place
        .fold(Optional::of, Optional::<EngineNumber>empty)
        .filter(number -> configured.find(number).isEmpty())
        .ifPresent(number -> tell(number, round));
    var waiting =
        known.stream().filter(id -> !isSettled(pair(place, id), round.renewal())).toList();
    return runtime(place)
        .compose(
            runtime ->
                oneByOne(
                    waiting,
                    id ->
                        toContainer(runtime, place, id, round)
                            .onSuccess(done -> settled.put(pair(place, id), round.renewal()))))
        .recover(
            failure -> {
              LOG.warn(
                  "tunnel certificates: {} is left out: {}; its containers get the new files when"
                      + " it answers",
                  place,
                  failure.getMessage());
              return Future.succeededFuture();
            });
  }

  /** An engine that dials in itself. */
  private void tell(EngineNumber number, Round round) {
    var engine = new Settled(Place.engine(number), Optional.empty());
    if (isSettled(engine, round.renewal())) {
      return;
    }
    settled.put(engine, round.renewal());
    round.remoteEngines().add(number);
    LOG.warn(
        "tunnel certificates: engine {} dials in with a copy of the old ones; run 'harp certs"
            + " export --engine-port {} --server HOST' and put ca.crt, client.crt and client.key"
            + " in place of those on its host",
        number,
        number);
  }

  /** Fails only when there is no point in trying other containers of this place. */
  private Future<Void> toContainer(ExAppRuntime runtime, Place place, AppId exApp, Round round) {
    return Future.succeededFuture(exApp)
        .map(id -> new ExAppName(id).beginning(prefix))
        .compose(
            name ->
                runtime
                    .find(name)
                    .compose(
                        found ->
                            found.isEmpty()
                                ? Future.<Void>succeededFuture()
                                : install(runtime, place, name, round)))
        .recover(
            failure -> {
              if (failure instanceof HarpException known && NO_ENGINE.contains(known.code())) {
                return Future.failedFuture(failure);
              }
              failed(prefix + exApp + on(place), failure, round);
              return Future.succeededFuture();
            });
  }

  private static Future<Void> install(
      ExAppRuntime runtime, Place place, ExAppName name, Round round) {
    var container = name.container() + on(place);
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
        "tunnel certificates: {} keeps the old files: {}; deploy the ExApp again, or copy ca.crt,"
            + " client.crt and client.key into its /certs/frp",
        container,
        failure.getMessage());
  }

  private static String on(Place place) {
    return place.fold(engine -> " on ", () -> " in the ") + place;
  }

  private Future<ExAppRuntime> runtime(Place place) {
    return Future.succeededFuture(place).map(runtimes::at);
  }

  private static <T> Future<Void> oneByOne(List<T> all, Function<T, Future<Void>> step) {
    var chain = Future.<Void>succeededFuture();
    for (var one : all) {
      chain = chain.compose(done -> step.apply(one));
    }
    return chain;
  }
}
