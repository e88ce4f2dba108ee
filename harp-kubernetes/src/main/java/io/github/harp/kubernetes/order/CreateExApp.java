// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.CONFLICT;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.ClusterErrors;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an ExApp's claim, where it is missing, and its Deployment. What was made before it failed
 * is taken away again, also when the answer was lost: the Deployment says which order made it.
 */
public final class CreateExApp {

  private static final Logger LOG = LoggerFactory.getLogger(CreateExApp.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration UNDO_CALL = Duration.ofSeconds(3);
  private static final String ORDER = "appapi.nextcloud.com/created-by-order";

  private final ClusterApi api;
  private final ExAppSpec spec;
  private final ExAppObjects objects;
  private final Markings markings;
  private final List<TunnelFile> tunnelFiles;
  private final Map<String, String> inDoubt;
  private final Patience patience;
  private final String order = UUID.randomUUID().toString();

  /**
   * @param tunnelFiles what it shows if it dials in
   * @param inDoubt orders that were not undone, by the name of what they may have made
   * @param patience how long an old claim of the same name may take to go
   */
  public CreateExApp(
      ClusterApi api,
      ExAppSpec spec,
      Standards standards,
      List<TunnelFile> tunnelFiles,
      Map<String, String> inDoubt,
      Duration patience) {
    this.api = api;
    this.spec = spec;
    this.objects = new ExAppObjects(spec, standards, !tunnelFiles.isEmpty());
    this.tunnelFiles = tunnelFiles;
    this.inDoubt = inDoubt;
    this.markings = new Markings(spec.name());
    this.patience = Patience.of(patience);
  }

  public Deployed run() throws InterruptedException {
    var lost = inDoubt.get(markings.deployment());
    if (lost != null) {
      removeIfMadeBy(lost, api);
      inDoubt.remove(markings.deployment());
    }
    var claimed = claim();
    try {
      TunnelWay.write(api, markings, make(), tunnelFiles);
      return new Deployed("", markings.deployment(), spec.image());
    } catch (KubernetesClientException e) {
      undo(claimed);
      throw e;
    }
  }

  private Deployment make() {
    var deployment = objects.deployment();
    deployment.getMetadata().getAnnotations().put(ORDER, order);
    try {
      return api.deployments().resource(deployment).create();
    } catch (KubernetesClientException e) {
      throw e.getCode() == 409 ? new HarpException(CONFLICT, ClusterErrors.words(e), e) : e;
    }
  }

  /** Whether it is ours to undo. */
  private boolean claim() throws InterruptedException {
    while (true) {
      try {
        api.claims().resource(objects.claim()).create();
        return true;
      } catch (KubernetesClientException e) {
        if (e.getCode() != 409) {
          throw e;
        }
        if (isThere()) {
          return false;
        }
      }
      patience.pause(PAUSE);
    }
  }

  /** Whether the claim is there and stays. */
  private boolean isThere() {
    var claim = api.claims().withName(markings.claim()).get();
    if (claim == null) {
      return false;
    }
    var metadata = claim.getMetadata();
    if (metadata.getDeletionTimestamp() != null) {
      if (patience.isOver()) {
        throw new HarpException(
            BUSY,
            "volume claim %s is still being deleted: expected that the pods that use it end; try again"
                .formatted(markings.claim()));
      }
      return false;
    }
    var owner = metadata.getAnnotations().get(Markings.VOLUME);
    if (owner != null && !owner.equals(spec.name().volume())) {
      throw new HarpException(
          CONFLICT,
          "volume claim %s belongs to %s: expected names that stay different in Kubernetes"
              .formatted(markings.claim(), owner));
    }
    return true;
  }

  /** Also when the order is interrupted: then its limit leaves a moment for this. */
  private void undo(boolean claimed) {
    var interrupted = Thread.interrupted();
    var now = api.within(UNDO_CALL);
    try {
      removeIfMadeBy(order, now);
      if (claimed) {
        now.claims().withName(markings.claim()).delete();
      }
    } catch (RuntimeException e) {
      inDoubt.put(markings.deployment(), order);
      LOG.warn(
          "cluster: {} could not be created, and may be there in part, since that was not undone:"
              + " {}; order it again, or kubectl delete deployment,pvc -l {}={}",
          markings.deployment(),
          HarpException.reasonOf(e),
          Markings.PART_OF,
          markings.group());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One that has been started since was not lost. */
  private void removeIfMadeBy(String someOrder, ClusterApi now) {
    var made = now.deployments().withName(markings.deployment()).get();
    if (made != null
        && someOrder.equals(made.getMetadata().getAnnotations().get(ORDER))
        && Integer.valueOf(0).equals(made.getSpec().getReplicas())) {
      now.deployments().withName(markings.deployment()).delete();
    }
  }
}
