// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.orders.ExAppHost;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.ClusterErrors;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.order.AwaitReady;
import io.github.harp.kubernetes.order.CreateExApp;
import io.github.harp.kubernetes.order.Deployments;
import io.github.harp.kubernetes.order.ExamineCluster;
import io.github.harp.kubernetes.order.StartLimits;
import io.github.harp.kubernetes.way.Expose;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The cluster, for the length of one order. */
record KubernetesHost(
    ClusterApi api,
    Standards standards,
    String prefix,
    KubernetesCluster.DialIn dialIn,
    Map<String, String> finished,
    OrderTimes.Limit limit,
    StartLimits startLimits)
    implements ExAppHost {

  /** What an order needs of its time when it has waited for something that did not come. */
  private static final Duration TO_SAY_SO = Duration.ofSeconds(10);

  private Deployments deployments(ExAppName name) {
    return new Deployments(api, new Markings(name), standards.peers());
  }

  private Deadline deadline() {
    return Deadline.in(limit.total().minus(TO_SAY_SO), Ticker.systemTicker());
  }

  @Override
  public Optional<Deployed> find(ExAppName name) {
    return deployments(name).find();
  }

  @Override
  public Deployed create(ExAppSpec spec) throws InterruptedException {
    // Roles have one id and one port, and only one of them could have the tunnel.
    var credited =
        spec.name().roleSuffix().isEmpty()
            ? spec.with(dialIn.credentials().in(spec.environment()))
            : spec;
    var files = dialIn.files().forExApps();
    var order = UUID.randomUUID().toString();
    return new CreateExApp(api, credited, standards, files, finished, deadline(), order).run();
  }

  @Override
  public boolean start(ExAppName name) {
    return deployments(name).start();
  }

  @Override
  public boolean stop(ExAppName name) {
    return deployments(name).stop();
  }

  @Override
  public StartOutcome awaitStart(ExAppName name) throws InterruptedException {
    return new AwaitReady(api, name, startLimits).run();
  }

  @Override
  public void remove(ExAppName name, boolean removeData) throws InterruptedException {
    deployments(name).remove(removeData, deadline());
  }

  /** The cluster gives its ExApps what they trust. */
  @Override
  public void installCertificates(ExAppName name, CertificateInstallation installation) {
    if (installation.tunnelFiles()) {
      deployments(name).renew(dialIn.files().forExApps());
    }
  }

  @Override
  public ExAppAddress expose(Exposure exposure) throws InterruptedException {
    return new Expose(api, exposure, new Markings(exposure.name())).run();
  }

  @Override
  public PlaceReport describe() {
    return new ExamineCluster(api, prefix, !standards.peers().isEmpty()).run();
  }

  @Override
  public HarpException translate(String what, RuntimeException failure) {
    return ClusterErrors.translate(what, failure);
  }

  /** Its calls have deadlines of their own, and end when their thread is interrupted. */
  @Override
  public void close() {}
}
