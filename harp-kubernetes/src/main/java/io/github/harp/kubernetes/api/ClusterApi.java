// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.api;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimList;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretList;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceList;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import io.fabric8.kubernetes.client.dsl.ServiceResource;
import java.time.Duration;

/**
 * What we use of the API, in the one namespace that we use. Calls block, and fail as {@link
 * ClusterErrors} says.
 */
public record ClusterApi(KubernetesClient client, String namespace) {

  /** The same, with another limit for each call. */
  public ClusterApi within(Duration perCall) {
    var limits =
        new RequestConfigBuilder()
            .withRequestTimeout(Math.toIntExact(perCall.toMillis()))
            .withRequestRetryBackoffLimit(0)
            .withWatchReconnectLimit(0)
            .build();
    return new ClusterApi(client.newClient(limits).adapt(KubernetesClient.class), namespace);
  }

  public NonNamespaceOperation<Deployment, DeploymentList, RollableScalableResource<Deployment>>
      deployments() {
    return client.apps().deployments().inNamespace(namespace);
  }

  public NonNamespaceOperation<
          PersistentVolumeClaim, PersistentVolumeClaimList, Resource<PersistentVolumeClaim>>
      claims() {
    return client.persistentVolumeClaims().inNamespace(namespace);
  }

  public NonNamespaceOperation<Service, ServiceList, ServiceResource<Service>> services() {
    return client.services().inNamespace(namespace);
  }

  public NonNamespaceOperation<Secret, SecretList, Resource<Secret>> secrets() {
    return client.secrets().inNamespace(namespace);
  }

  public NonNamespaceOperation<Pod, PodList, PodResource> pods() {
    return client.pods().inNamespace(namespace);
  }
}
