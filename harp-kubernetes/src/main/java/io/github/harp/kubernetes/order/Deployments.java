// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import static io.github.harp.core.HarpException.Code.NOT_FOUND;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.ClusterErrors;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.way.IngressPolicy;
import io.github.harp.kubernetes.way.TunnelWay;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, starts, stops and removes what is deployed. Contract 8.2, 8.4, 8.6.
 *
 * @param peers who may connect to what is started; none: everybody may
 */
public record Deployments(ClusterApi api, Markings markings, List<NetworkPolicyPeer> peers) {

  private static final Logger LOG = LoggerFactory.getLogger(Deployments.class);
  private static final Duration PAUSE = Duration.ofMillis(250);

  public Optional<Deployed> find() {
    return api.deployed(markings).map(it -> new Deployed("", markings.deployment(), image(it)));
  }

  /** Gives it what it dials in with, if it does. */
  public void renew(List<TunnelFile> files) {
    TunnelWay.write(api, markings, required(), files);
  }

  /** False when it was to run already. */
  public boolean start() {
    var found = required();
    // It may have been created when this was not asked for, or other peers were.
    new IngressPolicy(api, markings, peers).write(found);
    return scale(found, 1);
  }

  /** False when it was not to run already. */
  public boolean stop() {
    return scale(required(), 0);
  }

  private boolean scale(Deployment found, int replicas) {
    if (Integer.valueOf(replicas).equals(found.getSpec().getReplicas())) {
      return false;
    }
    try {
      api.deployment(markings)
          .patch(
              PatchContext.of(PatchType.STRATEGIC_MERGE),
              new DeploymentBuilder().withNewSpec().withReplicas(replicas).endSpec().build());
      return true;
    } catch (KubernetesClientException e) {
      throw e.getCode() == 404 ? notFound() : e;
    }
  }

  /** Removes all of it, and waits for its data to be gone, though not beyond the deadline. */
  public void remove(boolean removeData, Deadline deadline) throws InterruptedException {
    if (api.deployed(markings).isPresent()) {
      api.deployment(markings).delete();
    }
    removeService();
    if (removeData) {
      removeClaim(deadline);
    }
  }

  /** One that somebody else made stays. */
  private void removeService() {
    try {
      var there = api.service(markings).get();
      if (there == null || !Markings.isOurs(there)) {
        return;
      }
    } catch (KubernetesClientException e) {
      if (ClusterErrors.isWithoutAnswer(e)) {
        throw e;
      }
      var why = ClusterErrors.words(e);
      LOG.warn("cluster: service {} may still be there: {}", markings.deployment(), why);
      return;
    }
    api.service(markings).delete();
  }

  /** Again, one that somebody else made stays. */
  private void removeClaim(Deadline deadline) throws InterruptedException {
    var claim = api.claim(markings).get();
    if (claim != null && !Markings.isA(Markings.DATA, claim)) {
      LOG.warn("cluster: volume claim {} was made by somebody else and stays", markings.claim());
      return;
    }
    api.claim(markings).delete();
    awaitEndOfData(deadline);
  }

  /**
   * A claim goes when the last pod has ended, and until then its name can't be had again. Where
   * pods of another role use it, it goes with them.
   */
  private void awaitEndOfData(Deadline deadline) throws InterruptedException {
    var pods = api.client().pods().withLabel(Markings.PART_OF, markings.group());
    while (api.claim(markings).get() != null) {
      if (deadline.isOver() || areOthers(pods.list().getItems())) {
        LOG.warn(
            "cluster: volume claim {} is being deleted and goes when the last pod that uses it has"
                + " ended",
            markings.claim());
        return;
      }
      deadline.pause(PAUSE);
    }
  }

  /** Whether one stays that is of another role, and none is left of this one. */
  private boolean areOthers(List<Pod> pods) {
    return PodReport.newest(pods).isPresent()
        && pods.stream()
            .map(pod -> pod.getMetadata().getLabels().get(Markings.APP))
            .noneMatch(markings.deployment()::equals);
  }

  private Deployment required() {
    return api.deployed(markings).orElseThrow(this::notFound);
  }

  private HarpException notFound() {
    return new HarpException(
        NOT_FOUND,
        "deployment " + markings.deployment() + " is not in " + api.client().getNamespace());
  }

  private static String image(Deployment deployment) {
    var containers = deployment.getSpec().getTemplate().getSpec().getContainers();
    return containers.isEmpty() ? "" : String.valueOf(containers.get(0).getImage());
  }
}
