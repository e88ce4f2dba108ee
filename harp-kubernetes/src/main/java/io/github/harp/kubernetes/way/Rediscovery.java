// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.way;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.runtime.KubernetesName;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.Markings;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the way to an ExApp of one Nextcloud again, by its id alone. Contract 8.7. */
public record Rediscovery(ClusterApi api, Markings markings) {

  /**
   * @param isInCluster whether the cluster has anything of that ExApp
   * @param address empty when nothing usable says it
   */
  public record Found(boolean isInCluster, Optional<ExAppAddress> address) {}

  public Found run() {
    var named = first(api.deployment(markings).get());
    var tunnel = named.flatMap(TunnelWay::address);
    if (tunnel.isPresent()) {
      return new Found(true, tunnel);
    }
    var service = service();
    if (service.isPresent()) {
      return new Found(true, new ServiceWay(api, service.get()).address());
    }
    var deployment = deployment(named);
    return new Found(deployment.isPresent(), deployment.flatMap(Markings::toldAddress));
  }

  private Optional<Service> service() {
    return first(api.service(markings).get())
        .or(() -> best(api.client().services().withLabel(Markings.PART_OF).list().getItems()));
  }

  private Optional<Deployment> deployment(Optional<Deployment> named) {
    return named
        .filter(it -> Markings.toldAddress(it).isPresent())
        .or(() -> best(api.allDeployed()))
        .or(() -> named);
  }

  private <T extends HasMetadata> Optional<T> first(@Nullable T named) {
    return Optional.ofNullable(named).filter(it -> isIts(it, true));
  }

  /** One that says so, or one of the original's in the same group. */
  private <T extends HasMetadata> Optional<T> best(List<T> all) {
    var group = markings.group();
    return all.stream()
        .filter(it -> KubernetesName.isOf(markings.exApp().prefix(), it.getMetadata().getName()))
        .filter(it -> isIts(it, group.equals(it.getMetadata().getLabels().get(Markings.PART_OF))))
        .min(
            Comparator.comparing((T it) -> Markings.toldAddress(it).isEmpty())
                .thenComparing(it -> it.getMetadata().getName()));
  }

  private boolean isIts(HasMetadata object, boolean unlessItSays) {
    return Markings.told(object, Markings.APP_ID)
        .map(markings.exApp().id().text()::equalsIgnoreCase)
        .orElse(unlessItSays);
  }
}
