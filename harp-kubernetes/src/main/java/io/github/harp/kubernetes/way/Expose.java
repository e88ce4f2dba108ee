// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.way;

import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.Markings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an ExApp reachable, by a Service or by hand. What was told is kept with it, so that the way
 * is found again as it was meant (W24). Contract 8.7.
 */
public record Expose(ClusterApi api, Exposure exposure, Markings markings) {

  private static final Logger LOG = LoggerFactory.getLogger(Expose.class);
  static final String BY_HAND = "manual";

  private static final Map<Type, String> TYPES =
      Map.of(
          Type.NODEPORT, "NodePort",
          Type.CLUSTERIP, "ClusterIP",
          Type.LOADBALANCER, "LoadBalancer");

  public ExAppAddress run() throws InterruptedException {
    var deployment = api.deployed(markings());
    var byHand = exposure.byHand();
    if (byHand.isPresent()) {
      rememberByHand(byHand.get(), deployment.isPresent());
      return byHand.get();
    }
    var tunnel = deployment.flatMap(TunnelWay::address);
    if (tunnel.isPresent()) {
      return tunnel.get();
    }
    var deadline = Deadline.in(exposure.patience(), Ticker.systemTicker());
    makeService(deadline);
    return awaitAddress(deadline);
  }

  /** A Service of ours that is there from before would be found first. */
  private void rememberByHand(ExAppAddress address, boolean isDeployed) {
    var told =
        Map.of(
            Markings.EXPOSE_TYPE, BY_HAND,
            Markings.UPSTREAM_HOST, address.host(),
            Markings.UPSTREAM_PORT, String.valueOf(address.port()));
    Optional.ofNullable(api.service(markings()).get())
        .filter(Markings::isOurs)
        .ifPresent(it -> remember(api.service(markings()), told));
    if (!isDeployed) {
      throw new HarpException(
          NOT_FOUND, "deployment " + markings().deployment() + " is not there to remember it");
    }
    remember(api.deployment(markings()), told);
  }

  private <T extends HasMetadata> void remember(Resource<T> object, Map<String, String> told) {
    api.edit(
        object,
        it -> {
          it.getMetadata().getAnnotations().putAll(told);
          return it;
        });
  }

  /** One that goes, which may take until a provider has taken its balancer away, is none. */
  private void makeService(Deadline deadline) throws InterruptedException {
    while (!isMade()) {
      if (deadline.isOver()) {
        throw new HarpException(
            BUSY,
            "service %s is still being deleted: expected it to go; try again"
                .formatted(markings().deployment()));
      }
      deadline.pause(exposure.pause());
    }
  }

  private boolean isMade() {
    if (ClusterApi.isNew(api.client().services().resource(wanted()))) {
      return true;
    }
    var there = api.service(markings()).get();
    if (there == null || there.getMetadata().getDeletionTimestamp() != null) {
      return false;
    }
    api.edit(api.service(markings()), this::changed);
    return true;
  }

  /** One of ours becomes as ordered now; somebody else's is taken as it is. */
  private Service changed(Service there) {
    if (!Markings.isOurs(there)) {
      LOG.warn(
          "cluster: service {} is somebody else's and is used as it is", markings().deployment());
      return there;
    }
    var wanted = wanted();
    var metadata = there.getMetadata();
    metadata.getLabels().putAll(wanted.getMetadata().getLabels());
    metadata.getAnnotations().keySet().removeIf(it -> it.startsWith(Markings.APP_API));
    metadata.getAnnotations().putAll(wanted.getMetadata().getAnnotations());
    var spec = there.getSpec();
    spec.setType(wanted.getSpec().getType());
    spec.setSelector(wanted.getSpec().getSelector());
    spec.setPorts(wanted.getSpec().getPorts());
    spec.setExternalTrafficPolicy(wanted.getSpec().getExternalTrafficPolicy());
    spec.setLoadBalancerIP(wanted.getSpec().getLoadBalancerIP());
    return there;
  }

  private Service get() {
    var gone = "service " + markings.deployment() + " was there and is gone; try again";
    return Optional.ofNullable(api.service(markings).get())
        .orElseThrow(() -> new HarpException(UNAVAILABLE, gone));
  }

  private ExAppAddress awaitAddress(Deadline deadline) throws InterruptedException {
    while (true) {
      var way = new ServiceWay(api, get());
      var address = way.address();
      if (address.isPresent()) {
        return address.get();
      }
      // Only a load balancer's address comes later.
      if (!way.type().equals("LoadBalancer") || deadline.isOver()) {
        throw noAddress(way);
      }
      deadline.pause(exposure.pause());
    }
  }

  private HarpException noAddress(ServiceWay way) {
    return new HarpException(
        UNAVAILABLE,
        way.type().equals("LoadBalancer")
            ? "service %s got no address within %d s: expected a provider of load balancers"
                .formatted(markings().deployment(), exposure.patience().toSeconds())
            : "service %s of type %s has no port: expected one"
                .formatted(markings().deployment(), way.type()));
  }

  private Service wanted() {
    return new ServiceBuilder().withMetadata(metadata()).withSpec(spec()).build();
  }

  private ObjectMeta metadata() {
    var metadata = new ObjectMeta();
    metadata.setName(markings().deployment());
    metadata.setLabels(markings().ofService(exposure.service().labels()));
    var annotations = new LinkedHashMap<>(exposure.service().annotations());
    annotations.put(Markings.APP_ID, exposure.name().id().text());
    annotations.put(Markings.EXPOSE_TYPE, TYPES.get(exposure.type()));
    exposure.host().ifPresent(host -> annotations.put(Markings.UPSTREAM_HOST, host));
    if (exposure.type() == Type.NODEPORT) {
      var node = exposure.node();
      annotations.put(Markings.NODE_ADDRESS_TYPE, node.addressType());
      node.name().ifPresent(it -> annotations.put(Markings.NODE_NAME, it));
      node.labelSelector().ifPresent(it -> annotations.put(Markings.NODE_SELECTOR, it));
    }
    metadata.setAnnotations(annotations);
    return metadata;
  }

  private ServiceSpec spec() {
    var ordered = exposure.service();
    var port =
        new ServicePortBuilder()
            .withName("http")
            .withPort(ordered.port().orElse(exposure.port()))
            .withTargetPort(new IntOrString(exposure.port()));
    var spec =
        new ServiceSpecBuilder()
            .withType(TYPES.get(exposure.type()))
            .addToSelector(Markings.APP, markings().deployment());
    if (exposure.type() == Type.NODEPORT && ordered.nodePort().isPresent()) {
      port.withNodePort(ordered.nodePort().getAsInt());
    }
    if (exposure.type() != Type.CLUSTERIP) {
      ordered.trafficPolicy().ifPresent(spec::withExternalTrafficPolicy);
    }
    if (exposure.type() == Type.LOADBALANCER) {
      ordered.loadBalancerIp().ifPresent(spec::withLoadBalancerIP);
    }
    return spec.withPorts(port.build()).build();
  }
}
