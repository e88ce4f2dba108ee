// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.InstanceName;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.runtime.ClusterState;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.core.session.Sessions;
import io.github.harp.core.watch.Watch;
import io.github.harp.proxy.testing.TestHead;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A control API whose neighbours are in memory: what they are told and what they answer. */
final class ControlFixture {

  static final String ENGINE = "24000";

  private static final ApiDocument DOCUMENT = new ApiDocument(Vertx.vertx());

  final Map<AppId, ExApp> records = new HashMap<>();
  final List<AppId> forgotten = new ArrayList<>();
  final List<Object> orders = new ArrayList<>();
  Future<Optional<ExApp>> nextcloudSays = Future.succeededFuture(Optional.empty());
  Future<?> runtimeSays = Future.failedFuture("nothing was prepared");

  /** Where ExApps are reached, by the cluster; unset for where AppAPI says. */
  @Nullable Future<ExAppAddress> clusterSays;

  /** Whether a cluster is set up, too. */
  boolean withCluster;

  final Instance instance = instance(new AskedNextcloud());

  final ControlApi api =
      ControlApi.builder()
          .runtimes(new Runtimes(), ExAppCredentials.ownTokens(new PlainTokens()))
          .mounts(MountRules.none().allowing(List.of("/srv", "/var/run/docker.sock")))
          .version("0.1.0")
          .build();

  private Instance instance(Nextcloud nextcloud) {
    var sessions = new Sessions(nextcloud, Instance.SESSION_LIFETIME, Ticker.systemTicker());
    var key = SharedKey.of("a-shared-key-of-the-tests");
    return new Instance(
        InstanceName.FIRST,
        key,
        "",
        nextcloud,
        new Records(),
        sessions,
        new PlainTokens(),
        Bans.of(Ticker.systemTicker()));
  }

  /**
   * Sends an order to engine 24000 and waits for the answer, which has to fit the API's document.
   */
  ControlAnswer post(String path, String json) {
    return send(TestHead.of("POST", path).with("docker-engine-port", ENGINE), json);
  }

  ControlAnswer send(String method, String path) {
    return send(TestHead.of(method, path), "");
  }

  ControlAnswer send(TestHead head, String body) {
    return send(head, Buffer.buffer(body));
  }

  ControlAnswer send(TestHead head, Buffer body) {
    try {
      var answer =
          api.handle(new ControlRequest(instance, head.path(), head, body))
              .await(30, TimeUnit.SECONDS);
      DOCUMENT.check(head.method(), head.path(), answer);
      return answer;
    } catch (TimeoutException late) {
      throw new AssertionError("no answer", late);
    }
  }

  static void assertAnswer(ControlAnswer answer, int status, String json) {
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(status);
    assertThat(answer.headers()).containsEntry("content-type", "application/json; charset=utf-8");
    assertThat(answer.body().toJsonObject()).isEqualTo(new JsonObject(json));
  }

  static void assertText(ControlAnswer answer, int status, String... parts) {
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(status);
    assertThat(answer.headers()).containsEntry("content-type", "text/plain; charset=utf-8");
    for (var part : parts) {
      assertThat(answer.body().toString()).contains(part);
    }
  }

  static void assertNoContent(ControlAnswer answer) {
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(204);
    assertThat(answer.body().length()).isZero();
  }

  private final class Runtimes implements ExAppRuntimes {

    @Override
    public ExAppRuntime at(Place place) {
      return withCluster && place.equals(Place.CLUSTER)
          ? new ToldRuntime()
          : ExAppRuntimes.onEngines(ControlFixture.this::runtime).at(place);
    }

    @Override
    public Future<ExApp> located(ExApp exApp) {
      return clusterSays == null
          ? Future.succeededFuture(exApp)
          : clusterSays.map(exApp::inClusterAt);
    }

    @Override
    public Future<Optional<ClusterState>> cluster() {
      return Future.succeededFuture(
          withCluster
              ? Optional.of(new ClusterState("https://10.96.0.1:443", false))
              : Optional.empty());
    }
  }

  private ExAppRuntime runtime(EngineNumber number) {
    if (!number.equals(EngineNumber.FIRST)) {
      throw new HarpException(
          HarpException.Code.UNREACHABLE, "engine " + number + " is not connected");
    }
    return new ToldRuntime();
  }

  @SuppressWarnings("unchecked")
  private <T> Future<T> told(Object order) {
    orders.add(order);
    return (Future<T>) runtimeSays;
  }

  private final class ToldRuntime implements ExAppRuntime {

    @Override
    public Future<PlaceReport> describe() {
      return told("describe");
    }

    @Override
    public Future<Optional<Deployed>> find(ExAppName name) {
      return told("find " + name.container());
    }

    @Override
    public Future<Deployed> create(ExAppSpec spec) {
      return told(spec);
    }

    @Override
    public Future<Boolean> start(ExAppName name) {
      return told("start " + name.container());
    }

    @Override
    public Future<Boolean> stop(ExAppName name) {
      return told("stop " + name.container());
    }

    @Override
    public Future<StartOutcome> awaitStart(ExAppName name) {
      return told("await " + name.container());
    }

    @Override
    public Future<Void> remove(ExAppName name, boolean removeData) {
      return told("remove " + name.container() + (removeData ? " and " + name.volume() : ""));
    }

    @Override
    public Future<ImageRemoval> removeImage(String imageRef) {
      return told("remove image " + imageRef);
    }

    @Override
    public Future<ExAppAddress> expose(Exposure exposure) {
      return told(exposure);
    }

    @Override
    public Future<Void> installCertificates(ExAppName name, CertificateInstallation installation) {
      return told(installation);
    }
  }

  private final class Records implements ExAppRecords {

    @Override
    public Future<Optional<ExApp>> get(AppId appId) {
      return Future.succeededFuture(peek(appId));
    }

    @Override
    public Optional<ExApp> peek(AppId appId) {
      return Optional.ofNullable(records.get(appId));
    }

    @Override
    public Future<Optional<ExApp>> refresh(AppId appId) {
      return get(appId);
    }

    @Override
    public List<ExApp> all() {
      return List.copyOf(records.values());
    }

    @Override
    public void put(ExApp exApp) {
      records.put(exApp.id(), exApp);
    }

    @Override
    public boolean remove(AppId appId) {
      forgotten.add(appId);
      return records.remove(appId) != null;
    }

    @Override
    public Watch watch(Consumer<? super Event> listener) {
      throw new AssertionError("nobody watches records here");
    }
  }

  private final class AskedNextcloud implements Nextcloud {

    @Override
    public Future<Optional<ExApp>> exApp(AppId appId) {
      orders.add("exapp-meta " + appId);
      return nextcloudSays;
    }

    @Override
    public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
      throw new AssertionError("nobody asks for a user here");
    }
  }

  private static final class PlainTokens implements TunnelTokens {

    @Override
    public String mint(Deployment deployment, int port) {
      return "harp1." + deployment.appId() + "." + port + ".mac";
    }

    @Override
    public Optional<Claim> verify(String token) {
      return Optional.empty();
    }
  }
}
