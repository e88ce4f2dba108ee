// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.way;

import static io.github.harp.core.HarpException.Code.CONFLICT;

import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.SecretVolumeSourceBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.ClusterErrors;
import io.github.harp.kubernetes.api.Markings;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The way to an ExApp whose pod dials in. It is told so by its environment, and mounts what it
 * shows from a Secret, which goes with its Deployment. Contract 7.6.
 */
public final class TunnelWay {

  private static final String TUNNEL = "tunnel";
  private static final String VOLUME = "frp";

  /** No Secret changes its type, so that nobody else's becomes ours. */
  private static final String TYPE = Markings.APP_API + "tunnel";

  private TunnelWay() {}

  /** What is remembered of one that is told to; nothing of others. */
  public static Map<String, String> told(ContainerEnvironment environment) {
    var variables = environment.variables();
    return Stream.of("HP_SHARED_KEY", "HP_FRP_ADDRESS")
            .anyMatch(name -> variables.getOrDefault(name, "").isBlank())
        ? Map.of()
        : Map.of(
            Markings.EXPOSE_TYPE,
            TUNNEL,
            Markings.UPSTREAM_HOST,
            "127.0.0.1",
            Markings.UPSTREAM_PORT,
            variables.getOrDefault("APP_PORT", ""));
  }

  /** Where it is reached; empty for one that does not dial in. */
  static Optional<ExAppAddress> address(Deployment deployment) {
    return Markings.told(deployment, Markings.EXPOSE_TYPE).filter(TUNNEL::equals).isPresent()
        ? Markings.toldAddress(deployment)
        : Optional.empty();
  }

  /** Gives the pod's container the files. */
  public static void mount(PodSpecBuilder pod, Markings markings) {
    var mount = new VolumeMountBuilder().withName(VOLUME).withMountPath("/certs/frp");
    pod.editFirstContainer().addToVolumeMounts(mount.withReadOnly(true).build()).endContainer();
    var files = new SecretVolumeSourceBuilder().withSecretName(markings.tunnelFiles()).build();
    pod.addNewVolume().withName(VOLUME).withSecret(files).endVolume();
  }

  /** Writes the Secret, if there is to be one; pods see a change within a minute or two. */
  public static void write(
      ClusterApi api, Markings markings, Deployment deployment, List<TunnelFile> files) {
    var pod = deployment.getSpec().getTemplate().getSpec();
    if (files.isEmpty() || pod.getVolumes().stream().noneMatch(it -> VOLUME.equals(it.getName()))) {
      return;
    }
    var secret =
        new SecretBuilder()
            .withType(TYPE)
            .withNewMetadata()
            .withName(markings.tunnelFiles())
            .withLabels(markings.ofCompanion("exapp-tunnel"))
            .endMetadata();
    for (var file : files) {
      secret.addToData(file.name(), Base64.getEncoder().encodeToString(file.content()));
    }
    try {
      api.write(secret.build(), deployment);
    } catch (KubernetesClientException e) {
      throw e.getCode() == 422
          ? new HarpException(CONFLICT, "somebody else's secret: " + ClusterErrors.words(e), e)
          : e;
    }
  }
}
