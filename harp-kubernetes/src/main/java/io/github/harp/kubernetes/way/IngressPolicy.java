// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.way;

import static io.github.harp.core.HarpException.Code.CONFLICT;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.github.harp.core.HarpException;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.Markings;
import java.util.List;
import java.util.Map;

/** Who may connect to an ExApp: a NetworkPolicy, which goes with its Deployment. */
public record IngressPolicy(ClusterApi api, Markings markings, List<NetworkPolicyPeer> peers) {

  /** Writes it, also over one of ours that says otherwise; without peers everybody may connect. */
  public void write(Deployment deployment) {
    if (peers.isEmpty()) {
      return;
    }
    var name = markings.deployment();
    var there = api.client().network().v1().networkPolicies().withName(name).get();
    if (there != null && !Markings.isOurs(there)) {
      throw new HarpException(
          CONFLICT,
          "network policy %s in %s is somebody else's: expected one that HaRP made, or none"
              .formatted(name, api.client().getNamespace()));
    }
    var own = with(Markings.PART_OF, markings.group());
    var from = new NetworkPolicyIngressRuleBuilder().addNewFrom().withPodSelector(own).endFrom();
    // Nobody connects to what dials in.
    if (TunnelWay.address(deployment).isEmpty()) {
      from.addAllToFrom(peers);
    }
    var policy =
        new NetworkPolicyBuilder()
            .withNewMetadata()
            .withName(name)
            .withLabels(markings.ofCompanion("exapp-network"))
            .endMetadata()
            .withNewSpec()
            .withPodSelector(with(Markings.APP, name))
            .withPolicyTypes("Ingress")
            .withIngress(from.build())
            .endSpec();
    api.write(policy.build(), deployment);
  }

  private static LabelSelector with(String label, String value) {
    return new LabelSelector(List.of(), Map.of(label, value));
  }
}
