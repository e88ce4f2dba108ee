// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.way.TunnelWay;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an ExApp is made of in a cluster: a claim for its data, and a Deployment. Contract 8.3.
 *
 * @param tunnelFiles whether those that dial in have something to show
 */
record ExAppObjects(ExAppSpec spec, Standards standards, boolean tunnelFiles) {

  private static final String DATA = "data";

  private static final long MEBIBYTE = 1L << 20;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private Markings markings() {
    return new Markings(spec.name());
  }

  PersistentVolumeClaim claim() {
    var size = new Quantity(standards.storageSize());
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(markings().claim())
        .withLabels(markings().ofClaim())
        .addToAnnotations(Markings.VOLUME, spec.name().volume())
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(standards.storageClass().orElse(null))
        .withResources(new VolumeResourceRequirements(Map.of(), Map.of("storage", size)))
        .endSpec()
        .build();
  }

  /** Not started: it wants no pods yet. */
  Deployment deployment() {
    var name = markings().deployment();
    var labels = markings().ofDeployment();
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName(name)
        .withLabels(labels)
        .addToAnnotations(Markings.APP_ID, spec.name().id().text())
        .addToAnnotations(TunnelWay.told(spec.environment()))
        .endMetadata()
        .withNewSpec()
        .withReplicas(0)
        .withSelector(new LabelSelector(List.of(), Map.of(Markings.APP, name)))
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels)
        .endMetadata()
        .withSpec(pod().build())
        .endTemplate()
        .endSpec()
        .build();
  }

  /** Nothing in it speaks to the cluster's API, so it gets no token for that. */
  private PodSpecBuilder pod() {
    var pod =
        new PodSpecBuilder()
            .withAutomountServiceAccountToken(false)
            .withContainers(container())
            .addNewVolume()
            .withName(DATA)
            .withNewPersistentVolumeClaim(markings().claim(), null)
            .endVolume()
            .withHostAliases(
                standards.hostAliases().stream()
                    .map(alias -> new HostAlias(alias.hostNames(), alias.ip()))
                    .toList());
    if (tunnelFiles && !TunnelWay.told(spec.environment()).isEmpty()) {
      TunnelWay.mount(pod, markings());
    }
    return standards.restricted()
        ? pod.withNewSecurityContext()
            .withRunAsNonRoot(true)
            // A new volume is root's, and whatever user it is has to write to it.
            .withFsGroup(10_001L)
            .withFsGroupChangePolicy("OnRootMismatch")
            .withNewSeccompProfile(null, "RuntimeDefault")
            .endSecurityContext()
        : pod;
  }

  private Container container() {
    var container =
        new ContainerBuilder()
            .withName("app")
            .withImage(spec.image())
            .withImagePullPolicy("IfNotPresent")
            .withEnv(environment(spec.environment()))
            .addNewVolumeMount()
            .withName(DATA)
            .withMountPath(markings().dataFolder())
            .endVolumeMount();
    var requests = requests();
    var limits = new LinkedHashMap<>(requests);
    device().ifPresent(resource -> limits.put(resource, new Quantity("1")));
    if (!limits.isEmpty()) {
      container.withNewResources().withLimits(limits).withRequests(requests).endResources();
    }
    if (standards.restricted()) {
      container
          .withNewSecurityContext()
          .withAllowPrivilegeEscalation(false)
          .withCapabilities(new Capabilities(List.of(), List.of("ALL")))
          .endSecurityContext();
    }
    return container.build();
  }

  private Map<String, Quantity> requests() {
    var requests = new LinkedHashMap<String, Quantity>();
    whole(spec.limits().memoryBytes(), MEBIBYTE, "Mi").ifPresent(it -> requests.put("memory", it));
    whole(spec.limits().nanoCpus(), NANOS_PER_MILLI, "m").ifPresent(it -> requests.put("cpu", it));
    return requests;
  }

  private static Optional<Quantity> whole(OptionalLong amount, long unit, String suffix) {
    return amount.stream()
        .filter(it -> it > 0)
        .mapToObj(it -> new Quantity((it / unit + (it % unit == 0 ? 0 : 1)) + suffix))
        .findFirst();
  }

  private Optional<String> device() {
    return switch (spec.device()) {
      case CUDA -> Optional.of("nvidia.com/gpu");
      case ROCM -> Optional.of("amd.com/gpu");
      case CPU -> Optional.empty();
    };
  }

  private static List<EnvVar> environment(ContainerEnvironment environment) {
    return environment.variables().entrySet().stream()
        .map(entry -> new EnvVar(entry.getKey(), literally(entry.getValue()), null))
        .toList();
  }

  /** The cluster replaces {@code $(NAME)} and halves {@code $$}, but for what is doubled. */
  private static String literally(String value) {
    return value.contains("$(") || value.contains("$$") ? value.replace("$", "$$") : value;
  }
}
