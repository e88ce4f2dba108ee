// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.CONFLICT;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.ClusterErrors;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.way.IngressPolicy;
import io.github.harp.kubernetes.way.TunnelWay;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an ExApp's claim, where it is missing, and its Deployment. What was made before it failed
 * is taken away again, also when the answer was lost: the Deployment says which order made it. One
 * of an order that was not finished here, such as before a crash, makes room for the next.
 *
 * @param tunnelFiles what it shows if it dials in
 * @param finished the order that has made it, by its name
 * @param deadline of an old claim of the same name that goes
 * @param order this one, unlike any other
 */
public record CreateExApp(
    ClusterApi api,
    ExAppSpec spec,
    Standards standards,
    List<TunnelFile> tunnelFiles,
    Map<String, String> finished,
    Deadline deadline,
    String order) {

  private static final Logger LOG = LoggerFactory.getLogger(CreateExApp.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration UNDO_CALL = Duration.ofSeconds(3);
  private static final String ORDER = "appapi.nextcloud.com/created-by-order";

  private Markings markings() {
    return new Markings(spec.name());
  }

  private ExAppObjects objects() {
    return new ExAppObjects(spec, standards, !tunnelFiles.isEmpty());
  }

  public Deployed run() throws InterruptedException {
    var claimed = claim();
    try {
      var made = make();
      new IngressPolicy(api, markings(), standards.peers()).write(made);
      TunnelWay.write(api, markings(), made, tunnelFiles);
    } catch (RuntimeException e) {
      undo(claimed);
      throw e;
    }
    finished.put(markings().deployment(), order);
    return new Deployed("", markings().deployment(), spec.image());
  }

  private Deployment make() {
    var deployment = objects().deployment();
    deployment.getMetadata().getAnnotations().put(ORDER, order);
    try {
      return api.client().apps().deployments().resource(deployment).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 409) {
        throw e;
      }
      if (!isLeftOver()) {
        throw new HarpException(CONFLICT, ClusterErrors.words(e), e);
      }
    }
    LOG.info("cluster: {} is left of an order that did not end", markings().deployment());
    api.deployment(markings()).delete();
    return api.client().apps().deployments().resource(deployment).create();
  }

  private boolean isLeftOver() {
    var order = api.deployed(markings()).flatMap(CreateExApp::madeBy);
    return order.isPresent() && !order.get().equals(finished.get(markings().deployment()));
  }

  /** The order that made it, unless it has been changed since. */
  private static Optional<String> madeBy(Deployment there) {
    return Optional.of(there.getMetadata())
        .filter(it -> Long.valueOf(1).equals(it.getGeneration()))
        .map(it -> it.getAnnotations().get(ORDER));
  }

  /** Whether it is ours to undo. */
  private boolean claim() throws InterruptedException {
    var wanted = api.client().persistentVolumeClaims().resource(objects().claim());
    while (!ClusterApi.isNew(wanted)) {
      if (isThere()) {
        return false;
      }
      if (deadline.isOver()) {
        throw new HarpException(
            BUSY,
            "volume claim %s is still being deleted: expected that the pods that use it end; try again"
                .formatted(markings().claim()));
      }
      deadline.pause(PAUSE);
    }
    return true;
  }

  /** Whether the claim is there and stays. */
  private boolean isThere() {
    var claim = api.claim(markings()).get();
    if (claim == null || claim.getMetadata().getDeletionTimestamp() != null) {
      return false;
    }
    if (!Markings.isA(Markings.DATA, claim)) {
      LOG.warn(
          "cluster: volume claim {} was made by somebody else and is used", markings().claim());
    }
    var owner = claim.getMetadata().getAnnotations().get(Markings.VOLUME);
    if (owner != null && !owner.equals(spec.name().volume())) {
      throw new HarpException(
          CONFLICT,
          "volume claim %s belongs to %s: expected names that stay different in Kubernetes"
              .formatted(markings().claim(), owner));
    }
    return true;
  }

  /** Also when the order is interrupted: then its limit leaves a moment for this. */
  private void undo(boolean claimed) {
    var interrupted = Thread.interrupted();
    var now = api.within(UNDO_CALL);
    try {
      var there = Optional.ofNullable(now.deployment(markings()).get());
      if (there.flatMap(CreateExApp::madeBy).filter(order::equals).isPresent()) {
        now.deployment(markings()).delete();
      }
      if (claimed) {
        now.claim(markings()).delete();
      }
    } catch (RuntimeException e) {
      LOG.warn(
          "cluster: {} could not be created, and may be there in part, since that was not undone:"
              + " {}; order it again, or kubectl delete deployment,pvc -l {}={}",
          markings().deployment(),
          HarpException.reasonOf(e),
          Markings.PART_OF,
          markings().group());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
