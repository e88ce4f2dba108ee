// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.api;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.address.Ports;
import io.github.harp.core.runtime.KubernetesName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the objects of an ExApp are called and marked with. The names and labels are the original's,
 * so that what it deployed is ours as well.
 */
public record Markings(ExAppName exApp) {

  public static final String APP = "app";
  public static final String PART_OF = "app.kubernetes.io/part-of";
  private static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String HARP = "harp";
  static final String EXAPP = "exapp";
  public static final String DATA = "exapp-data";

  private static final String NAME = "app.kubernetes.io/name";
  private static final String COMPONENT = "app.kubernetes.io/component";
  private static final String INSTANCE = "app.kubernetes.io/instance";
  private static final String ROLE = "app.kubernetes.io/role";

  public static final String APP_API = "appapi.nextcloud.com/";

  public static final String EXPOSE_TYPE = APP_API + "expose-type";
  public static final String UPSTREAM_HOST = APP_API + "upstream-host";
  public static final String UPSTREAM_PORT = APP_API + "upstream-port";
  public static final String NODE_ADDRESS_TYPE = APP_API + "node-address-type";
  public static final String NODE_NAME = APP_API + "node-name";
  public static final String NODE_SELECTOR = APP_API + "node-label-selector";

  /** The app id to the letter: different ones can become one name in a cluster. */
  public static final String APP_ID = APP_API + "app-id";

  /** The name that a claim's volume would have on an engine. */
  public static final String VOLUME = APP_API + "volume";

  /** Whether this Service or NetworkPolicy is one that we made. */
  public static boolean isOurs(HasMetadata object) {
    return HARP.equals(object.getMetadata().getLabels().get(MANAGED_BY));
  }

  /** Whether this Deployment or claim is one that we made, or the original did. */
  public static boolean isA(String component, HasMetadata object) {
    return component.equals(object.getMetadata().getLabels().get(COMPONENT));
  }

  /** What was written beside an object when it was exposed. Anybody may have changed it since. */
  public static Optional<String> told(HasMetadata object, String annotation) {
    return Optional.ofNullable(object.getMetadata().getAnnotations().get(annotation))
        .filter(it -> !it.isBlank());
  }

  public static Optional<Integer> toldPort(HasMetadata object) {
    return told(object, UPSTREAM_PORT)
        .map(text -> Ports.parse(text).orElse(0))
        .filter(Ports::isPort);
  }

  /** Where it is reached by hand; empty unless both parts are there. */
  public static Optional<ExAppAddress> toldAddress(HasMetadata object) {
    return told(object, UPSTREAM_HOST)
        .flatMap(host -> toldPort(object).map(port -> new ExAppAddress(host, port)));
  }

  /** The name of its Deployment and Service, and what its pods are found by. */
  public String deployment() {
    return KubernetesName.of(exApp.container());
  }

  /** The name of its claim for a volume, shared by its roles. */
  public String claim() {
    return KubernetesName.of(exApp.volume());
  }

  /** The name of the Secret with what it dials in with. */
  public String tunnelFiles() {
    return deployment() + "-frp";
  }

  /** What all of its roles have in common. */
  public String group() {
    return KubernetesName.of(
        new ExAppName(exApp.id(), exApp.instanceId(), "", exApp.prefix()).container());
  }

  /** Where the ExApp expects its data. */
  public String dataFolder() {
    return exApp.dataFolder();
  }

  /** Of the Deployment and its pods. */
  public Map<String, String> ofDeployment() {
    var labels = common(deployment(), EXAPP);
    labels.put(APP, deployment());
    addRole(labels);
    return labels;
  }

  /** Of the claim: no role has it for itself. */
  public Map<String, String> ofClaim() {
    return common(group(), DATA);
  }

  /** Of what goes with the Deployment. */
  public Map<String, String> ofCompanion(String component) {
    var labels = common(deployment(), component);
    labels.put(MANAGED_BY, HARP);
    return labels;
  }

  /**
   * @param ordered win over ours
   */
  public Map<String, String> ofService(Map<String, String> ordered) {
    var labels = ofDeployment();
    labels.put(MANAGED_BY, HARP);
    labels.putAll(ordered);
    addRole(labels);
    return labels;
  }

  private Map<String, String> common(String name, String component) {
    var labels = new LinkedHashMap<String, String>();
    labels.put(NAME, name);
    labels.put(PART_OF, group());
    labels.put(COMPONENT, component);
    var id = exApp.instanceId();
    if (!id.isEmpty()) {
      labels.put(INSTANCE, KubernetesName.label(id));
    }
    return labels;
  }

  private void addRole(Map<String, String> labels) {
    if (!exApp.roleSuffix().isEmpty()) {
      labels.put(ROLE, KubernetesName.of(exApp.roleSuffix()));
    }
  }
}
