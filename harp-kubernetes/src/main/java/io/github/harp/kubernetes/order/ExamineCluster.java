// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.Markings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the cluster lets us do what we have to, and how its ExApps are. */
public record ExamineCluster(ClusterApi api) {

  private static final String FOLDER = "/io/github/harp/kubernetes/";
  private static final int MAX_SHOWN = 20;

  /** The first call tells whether it can be reached, and fails when not. */
  public PlaceReport run() {
    var findings = new ArrayList<Finding>();
    var missing = missing();
    if (missing.isEmpty()) {
      findings.add(
          Finding.ok(
              "the API server answers, and the Role in "
                  + api.client().getNamespace()
                  + " is enough"));
    } else {
      findings.add(tooNarrow(missing));
    }
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
    return new PlaceReport("namespace " + api.client().getNamespace(), findings);
  }

  /** What is missing of the Role that is documented. */
  private List<String> missing() {
    var role = Serialization.unmarshal(text("role.yaml"), Role.class);
    var missing = new ArrayList<String>();
    for (PolicyRule rule : role.getRules()) {
      for (var resource : rule.getResources()) {
        for (var verb : rule.getVerbs()) {
          if (!may(rule.getApiGroups().get(0), resource, verb, api.client().getNamespace())) {
            missing.add(verb + " " + resource);
          }
        }
      }
    }
    return missing;
  }

  private Finding tooNarrow(List<String> missing) {
    var namespace = api.client().getNamespace();
    return Finding.failure(
        "in namespace " + namespace + " the service account may not: " + String.join(", ", missing),
        "orders for ExApps fail; perhaps the namespace does not exist, which looks the same",
        "kubectl create namespace %1$s; then kubectl apply -n %1$s -f - and bind it to HaRP's service account:\n%2$s"
            .formatted(namespace, text("role.yaml")));
  }

  private boolean may(String group, String resource, String verb, @Nullable String namespace) {
    var review =
        api.client()
            .authorization()
            .v1()
            .selfSubjectAccessReview()
            .create(
                new SelfSubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withNewResourceAttributes()
                    .withGroup(group)
                    .withResource(resource)
                    .withVerb(verb)
                    .withNamespace(namespace)
                    .endResourceAttributes()
                    .endSpec()
                    .build());
    return review.getStatus() != null && Boolean.TRUE.equals(review.getStatus().getAllowed());
  }

  private List<Finding> exApps() {
    var all = api.client().apps().deployments().withLabel(Markings.PART_OF).list().getItems();
    var findings =
        all.stream()
            .filter(ExamineCluster::isTroubled)
            .limit(MAX_SHOWN)
            .map(this::trouble)
            .toList();
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
    var pods = api.pods(name).list().getItems();
    var newest = PodReport.newest(pods);
    var report = new PodReport(newest, Optional.of(deployment)).timeout();
    var message = report.message() == null ? "" : ": " + report.message();
    var what = newest.map(it -> "pod " + it.getMetadata().getName()).orElse("deployment " + name);
    return Finding.warning(
        name + " is not ready: " + Objects.toString(report.reason(), report.status()) + message,
        "the ExApp does not answer",
        "kubectl describe -n %s %s".formatted(api.client().getNamespace(), what));
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
