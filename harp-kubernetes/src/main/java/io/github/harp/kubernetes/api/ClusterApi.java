// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.api;

import static io.github.harp.core.HarpException.Code.CONFLICT;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.orders.OrderLocks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The API. Calls are for the one namespace that we use, block, and fail as {@link ClusterErrors}
 * says.
 *
 * @param held is asked before each of them
 */
public record ClusterApi(KubernetesClient client, OrderLocks.Held held) {

  private static final int MOST_EDITS = 5;

  /** For one call, and not before it is made. */
  @Override
  public KubernetesClient client() {
    held.requireHeld();
    return client;
  }

  /** The same, with another limit for each call. */
  public ClusterApi within(Duration perCall) {
    var limits =
        new RequestConfigBuilder()
            .withRequestTimeout(Math.toIntExact(perCall.toMillis()))
            .withRequestRetryBackoffLimit(0)
            .withWatchReconnectLimit(0)
            .build();
    return new ClusterApi(client.newClient(limits).adapt(KubernetesClient.class), held);
  }

  public Resource<Deployment> deployment(Markings exApp) {
    return client().apps().deployments().withName(exApp.deployment());
  }

  /**
   * The same, if it is there.
   *
   * @throws HarpException {@code CONFLICT} for one that nobody made for an ExApp
   */
  public Optional<Deployment> deployed(Markings exApp) {
    var there = Optional.ofNullable(deployment(exApp).get());
    if (there.isPresent() && !Markings.isA(Markings.EXAPP, there.get())) {
      throw new HarpException(
          CONFLICT,
          "deployment %s in %s is somebody else's: expected one with the labels of an ExApp, or none"
              .formatted(exApp.deployment(), client.getNamespace()));
    }
    return there;
  }

  public List<Deployment> allDeployed() {
    return client().apps().deployments().withLabel(Markings.PART_OF).list().getItems();
  }

  /** Creates it; false where there is one of its name already. */
  public static boolean isNew(Resource<?> wanted) {
    try {
      return wanted.create() != null;
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409) {
        return false;
      }
      throw e;
    }
  }

  /** Changes what is there; again if its controller, or somebody else, was faster. */
  public <T extends HasMetadata> void edit(Resource<T> object, UnaryOperator<T> change) {
    for (var again = MOST_EDITS - 1; ; again--) {
      try {
        object.edit(
            there -> {
              held.requireHeld();
              return change.apply(there);
            });
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() != 409 || again == 0) {
          throw e;
        }
      }
    }
  }

  /** Writes what goes with a Deployment, over what we wrote of it before. */
  public void write(HasMetadata companion, Deployment deployment) {
    var its = deployment.getMetadata();
    var owner =
        new OwnerReference("apps/v1", null, null, "Deployment", its.getName(), its.getUid());
    companion.getMetadata().setOwnerReferences(List.of(owner));
    client().resource(companion).fieldManager(Markings.HARP).forceConflicts().serverSideApply();
  }

  public Resource<Service> service(Markings exApp) {
    return client().services().withName(exApp.deployment());
  }

  public Resource<PersistentVolumeClaim> claim(Markings exApp) {
    return client().persistentVolumeClaims().withName(exApp.claim());
  }

  public FilterWatchListDeletable<Pod, PodList, PodResource> pods(String deployment) {
    return client().pods().withLabel(Markings.APP, deployment);
  }
}
