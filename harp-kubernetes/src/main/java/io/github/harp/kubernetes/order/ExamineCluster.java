// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewSpecBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.runtime.KubernetesName;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.kubernetes.api.ClusterApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether the cluster lets us do what we have to, and how its ExApps are.
 *
 * @param prefix how names begin of the Nextcloud whose ExApps are looked at
 * @param policies whether ExApps get a NetworkPolicy
 */
public record ExamineCluster(ClusterApi api, String prefix, boolean policies) {

  private static final String FOLDER = "/io/github/harp/kubernetes/";
  private static final int MAX_SHOWN = 20;

  /** The first call tells whether it can be reached, and fails when not. */
  public PlaceReport run() {
    var findings = new ArrayList<Finding>();
    var missing = missing();
    findings.add(
        missing.isEmpty()
            ? Finding.ok("the API server answers, and the Role in " + namespace() + " is enough")
            : tooNarrow(missing));
    if (!may("", "nodes", "list", null)) {
      findings.add(
          Finding.note(
              "the service account may not list nodes",
              "ExApps can be exposed as clusterip, loadbalancer and by hand; for nodeport bind this"
                  + " to it:\n"
                  + text("nodes.yaml")));
    }
    if (missing.isEmpty()) {
      findings.addAll(exApps());
    }
    return new PlaceReport("namespace " + namespace(), findings);
  }

  private String namespace() {
    return api.client().getNamespace();
  }

  /** What is missing of the Role that is documented. */
  private List<String> missing() {
    var missing = new ArrayList<String>();
    for (PolicyRule rule : Serialization.unmarshal(role(), Role.class).getRules()) {
      var resource = rule.getResources().get(0);
      rule.getVerbs().stream()
          .filter(verb -> !may(rule.getApiGroups().get(0), resource, verb, namespace()))
          .forEach(verb -> missing.add(verb + " " + resource));
    }
    return missing;
  }

  private String role() {
    return text("role.yaml") + (policies ? text("role-networkpolicies.yaml") : "");
  }

  private Finding tooNarrow(List<String> missing) {
    return Finding.failure(
        "in namespace "
            + namespace()
            + " the service account may not: "
            + String.join(", ", missing),
        "orders for ExApps fail; perhaps the namespace does not exist, which looks the same",
        "kubectl create namespace %1$s; then kubectl apply -n %1$s -f - and bind it to HaRP's service account:\n%2$s"
            .formatted(namespace(), role()));
  }

  private boolean may(String group, String resource, String verb, @Nullable String namespace) {
    var what =
        new ResourceAttributesBuilder()
            .withGroup(group)
            .withResource(resource)
            .withVerb(verb)
            .withNamespace(namespace);
    var asked =
        new SelfSubjectAccessReviewSpecBuilder().withResourceAttributes(what.build()).build();
    var reviews = api.client().authorization().v1().selfSubjectAccessReview();
    var review = reviews.create(new SelfSubjectAccessReviewBuilder().withSpec(asked).build());
    return review.getStatus() != null && Boolean.TRUE.equals(review.getStatus().getAllowed());
  }

  private List<Finding> exApps() {
    var all = new ArrayList<>(api.allDeployed());
    all.removeIf(it -> !KubernetesName.isOf(prefix, it.getMetadata().getName()));
    var troubled = all.stream().filter(ExamineCluster::isTroubled).limit(MAX_SHOWN);
    var findings = troubled.map(this::trouble).toList();
    return findings.isEmpty()
        ? List.of(Finding.ok(all.size() + " ExApps are deployed, none in trouble"))
        : findings;
  }

  private static boolean isTroubled(Deployment deployment) {
    var wanted = Objects.requireNonNullElse(deployment.getSpec().getReplicas(), 1);
    var status = Optional.ofNullable(deployment.getStatus());
    return status.map(DeploymentStatus::getReadyReplicas).orElse(0) < wanted;
  }

  private Finding trouble(Deployment deployment) {
    var name = deployment.getMetadata().getName();
    var newest = PodReport.newest(api.pods(name).list().getItems());
    var report = new PodReport(newest, Optional.of(deployment)).timeout();
    var message = report.message() == null ? "" : ": " + report.message();
    var what = newest.map(it -> "pod " + it.getMetadata().getName()).orElse("deployment " + name);
    return Finding.warning(
        name + " is not ready: " + Objects.toString(report.reason(), report.status()) + message,
        "the ExApp does not answer",
        "kubectl describe -n %s %s".formatted(namespace(), what));
  }

  private static String text(String resource) {
    try (InputStream stream =
        Objects.requireNonNull(ExamineCluster.class.getResourceAsStream(FOLDER + resource))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
