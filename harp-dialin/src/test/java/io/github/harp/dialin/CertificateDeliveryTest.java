// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.InMemoryExAppRuntime;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.dialin.CertificateDelivery.Round;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CertificateDeliveryTest {

  private static final CertificateInstallation TUNNEL_FILES =
      new CertificateInstallation(Optional.empty(), true);

  private final TreeMap<EngineNumber, ExAppRuntime> runtimes = new TreeMap<>();
  private Optional<ExAppRuntime> cluster = Optional.empty();
  private final List<TunnelFile> files =
      new ArrayList<>(List.of(new TunnelFile("client.crt", new byte[1], false)));

  @Test
  void everyContainerOfAKnownExAppGetsTheFilesOfTheTunnelAndNothingElse() {
    var local = engine(24000, "notes", "unknown");
    var remote = engine(24001, "maps");

    var round = deliver("notes", "maps", "gone");

    assertThat(round.done())
        .containsExactly("nc_app_notes on engine 24000", "nc_app_maps on engine 24001");
    assertThat(round.failed()).isEmpty();
    assertThat(local.installedIn(new ExAppName(new AppId("notes")))).containsExactly(TUNNEL_FILES);
    assertThat(remote.installedIn(new ExAppName(new AppId("maps")))).containsExactly(TUNNEL_FILES);
    assertThat(local.installedIn(new ExAppName(new AppId("unknown")))).isEmpty();
  }

  @Test
  void enginesThatDialInAreNamedSinceTheirFilesAreCarriedByHand() {
    engine(24000);
    engine(24001);
    engine(24002);

    assertThat(deliver("notes").remoteEngines())
        .containsExactly(new EngineNumber(24001), new EngineNumber(24002));
  }

  @Test
  void theClusterIsServedAsEnginesAre() {
    var runtime = runtime("notes");
    cluster = Optional.of(runtime);
    engine(24000);

    var round = deliver("notes", "gone");

    assertThat(round.done()).containsExactly("nc_app_notes in the cluster");
    assertThat(round.remoteEngines()).isEmpty();
    assertThat(runtime.installedIn(new ExAppName(new AppId("notes"))))
        .containsExactly(TUNNEL_FILES);
  }

  @Test
  void aClusterThatDoesNotAnswerIsAskedAgain() {
    var runtime = runtime("notes");
    cluster = Optional.of(finding(runtime, name -> failed(HarpException.Code.UNREACHABLE)));
    var delivery = delivery("notes");
    delivery.renewed(List.of("client.crt"));

    assertThat(runtime.installedIn(new ExAppName(new AppId("notes")))).isEmpty();
    cluster = Optional.of(runtime);
    delivery.catchUp();

    assertThat(runtime.installedIn(new ExAppName(new AppId("notes"))))
        .containsExactly(TUNNEL_FILES);
  }

  @Test
  void oneContainerThatFailsDoesNotEndTheRound() {
    var engine = engine(24000, "broken", "notes");
    runtimes.put(
        new EngineNumber(24000),
        with(
            engine,
            (name, ignored) ->
                name.equals(new ExAppName(new AppId("broken")))
                    ? failed(HarpException.Code.FAILED)
                    : engine.installCertificates(name, ignored)));

    var round = deliver("broken", "notes");

    assertThat(round.failed()).containsExactly("nc_app_broken on engine 24000");
    assertThat(round.done()).containsExactly("nc_app_notes on engine 24000");
  }

  @Test
  void anEngineThatDoesNotAnswerIsAskedOnce() {
    var asked = new ArrayList<ExAppName>();
    var silent = engine(24000, "notes", "maps");
    runtimes.put(
        new EngineNumber(24000),
        finding(
            silent,
            name -> {
              asked.add(name);
              return failed(HarpException.Code.TIMED_OUT);
            }));
    engine(24001, "notes");

    var round = deliver("notes", "maps");

    assertThat(asked).hasSize(1);
    assertThat(round.done()).containsExactly("nc_app_notes on engine 24001");
  }

  @Test
  void anEngineThatHasJustGoneIsLeftOut() {
    engine(24001, "notes");
    var delivery =
        new CertificateDelivery(
            () -> files,
            ExAppRuntimes.onEngines(
                number -> {
                  if (number.equals(EngineNumber.FIRST)) {
                    throw new HarpException(HarpException.Code.UNREACHABLE, "engine 24000: gone");
                  }
                  return runtimes.get(number);
                }),
            UndialledEngines.numbered(24000),
            UndialledEngines.numbered(24000, 24001),
            () -> List.of(new AppId("notes")),
            ExAppName.PREFIX);

    assertThat(delivery.deliver().result().done()).containsExactly("nc_app_notes on engine 24001");
  }

  @Test
  void aRenewalInTheMiddleOfARoundIsFollowedByOneMoreRound() {
    var engine = engine(24000, "notes");
    var slow = Promise.<Void>promise();
    var installing = new ArrayList<ExAppName>();
    runtimes.put(
        new EngineNumber(24000),
        with(
            engine,
            (name, ignored) -> {
              installing.add(name);
              return slow.future();
            }));
    var delivery = delivery("notes");

    var first = delivery.deliver();
    var second = delivery.deliver();
    var third = delivery.deliver();

    assertThat(installing).hasSize(1);
    assertThat(third).isSameAs(second);
    slow.complete();
    assertThat(first.succeeded()).isTrue();
    assertThat(second.succeeded()).isTrue();
    assertThat(installing).hasSize(2);
  }

  @Test
  void whoIsHeardOfLaterIsServedThenAndOnce() {
    var engine = engine(24000, "notes");
    var known = new ArrayList<AppId>();
    var delivery = delivery(known);

    delivery.renewed(List.of("client.crt"));
    delivery.catchUp();
    known.add(new AppId("notes"));
    delivery.catchUp();
    delivery.catchUp();

    assertThat(engine.installedIn(new ExAppName(new AppId("notes")))).containsExactly(TUNNEL_FILES);
  }

  @Test
  void anEngineThatConnectsLaterIsServedThen() {
    var delivery = delivery("notes");
    delivery.renewed(List.of("client.crt"));

    var late = engine(24001, "notes");
    delivery.catchUp();

    assertThat(late.installedIn(new ExAppName(new AppId("notes")))).containsExactly(TUNNEL_FILES);
  }

  @Test
  void anEngineThatDidNotAnswerIsAskedAgain() {
    var engine = engine(24000, "notes");
    runtimes.put(
        new EngineNumber(24000), finding(engine, name -> failed(HarpException.Code.TIMED_OUT)));
    var delivery = delivery("notes");
    delivery.renewed(List.of("client.crt"));

    runtimes.put(new EngineNumber(24000), engine);
    delivery.catchUp();

    assertThat(engine.installedIn(new ExAppName(new AppId("notes")))).containsExactly(TUNNEL_FILES);
  }

  @Test
  void aFurtherRenewalServesEverybodyAgain() {
    var engine = engine(24000, "notes");
    var delivery = delivery("notes");

    delivery.renewed(List.of("client.crt"));
    delivery.renewed(List.of("client.crt"));

    assertThat(engine.installedIn(new ExAppName(new AppId("notes")))).hasSize(2);
  }

  @Test
  void withoutARenewalNobodyIsServed() {
    var engine = engine(24000, "notes");
    var delivery = delivery("notes");

    delivery.catchUp();
    delivery.renewed(List.of("server.crt"));
    delivery.catchUp();

    assertThat(engine.installedIn(new ExAppName(new AppId("notes")))).isEmpty();
  }

  @Test
  void withoutFilesNothingIsDone() {
    files.clear();
    var engine = engine(24000, "notes");

    assertThat(deliver("notes").done()).isEmpty();
    assertThat(engine.installedIn(new ExAppName(new AppId("notes")))).isEmpty();
  }

  private Round deliver(String... known) {
    return delivery(known).deliver().result();
  }

  private CertificateDelivery delivery(String... known) {
    return delivery(Stream.of(known).map(AppId::new).toList());
  }

  private CertificateDelivery delivery(List<AppId> known) {
    return new CertificateDelivery(
        () -> files,
        new AllPlaces(),
        UndialledEngines.numbered(24000),
        new AllEngines(),
        () -> known,
        ExAppName.PREFIX);
  }

  private final class AllPlaces implements ExAppRuntimes {
    @Override
    public ExAppRuntime at(Place place) {
      return place.fold(runtimes::get, () -> cluster.orElseThrow());
    }

    @Override
    public Optional<Place> besideEngines() {
      return cluster.map(it -> Place.CLUSTER);
    }
  }

  private final class AllEngines implements Engines {
    @Override
    public Optional<Upstream> find(EngineNumber number) {
      return runtimes.containsKey(number)
          ? Optional.of(loop -> failed(HarpException.Code.UNREACHABLE))
          : Optional.empty();
    }

    @Override
    public SortedSet<EngineNumber> numbers() {
      return new TreeSet<>(runtimes.keySet());
    }
  }

  private InMemoryExAppRuntime engine(int port, String... containers) {
    var runtime = runtime(containers);
    runtimes.put(new EngineNumber(port), runtime);
    return runtime;
  }

  private static InMemoryExAppRuntime runtime(String... containers) {
    var runtime = new InMemoryExAppRuntime().withImage("image", false);
    for (var name : containers) {
      runtime.create(
          new ExAppSpec(
              new ExAppName(new AppId(name)),
              "image",
              ContainerEnvironment.of(),
              ComputeDevice.CPU,
              ResourceLimits.NONE,
              new EngineOptions("bridge", "no", List.of())));
    }
    return runtime;
  }

  private interface Installing {
    Future<Void> install(ExAppName name, CertificateInstallation installation);
  }

  private interface Finding {
    Future<Optional<Deployed>> find(ExAppName name);
  }

  private static ExAppRuntime with(ExAppRuntime runtime, Installing installing) {
    return instead(
        runtime,
        "installCertificates",
        arguments ->
            installing.install((ExAppName) arguments[0], (CertificateInstallation) arguments[1]));
  }

  private static ExAppRuntime finding(ExAppRuntime runtime, Finding finding) {
    return instead(runtime, "find", arguments -> finding.find((ExAppName) arguments[0]));
  }

  private interface Answer {
    Future<?> to(Object[] arguments);
  }

  /** A runtime with one method that does something else. */
  private static ExAppRuntime instead(ExAppRuntime runtime, String method, Answer answer) {
    return (ExAppRuntime)
        Proxy.newProxyInstance(
            ExAppRuntime.class.getClassLoader(),
            new Class<?>[] {ExAppRuntime.class},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                return answer.to(arguments);
              }
              try {
                return called.invoke(runtime, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static <T> Future<T> failed(HarpException.Code code) {
    return Future.failedFuture(new HarpException(code, "no luck"));
  }
}
