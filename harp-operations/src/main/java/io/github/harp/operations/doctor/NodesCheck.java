// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import static java.util.stream.Collectors.toMap;

import io.github.harp.core.HarpException;
import io.github.harp.core.notice.ClusterNode;
import io.github.harp.core.notice.ClusterNode.State;
import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import io.github.harp.operations.NodesView;
import io.github.harp.tunnel.link.Links;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Other nodes: where all meet, and the way to each that is there. */
record NodesCheck(NodesView nodes) implements Check {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Override
  public Stream<Finding> examine() {
    return Stream.concat(nodes.findings().get().stream(), links());
  }

  private Stream<Finding> links() {
    var tried =
        nodes.status().get().nodes().stream()
            .filter(node -> node.state() == State.PRESENT)
            .collect(toMap(ClusterNode::name, node -> nodes.tryLink().apply(node.name())));
    return tried.entrySet().stream()
        .flatMap(
            it -> trouble(it.getValue()).map(trouble -> noLink(it.getKey(), trouble)).stream());
  }

  private static Optional<String> trouble(Future<Void> tried) {
    try {
      tried.toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(HarpException.reasonOf(HarpException.rootOf(e)));
    } catch (TimeoutException e) {
      return Optional.of("no answer within " + PATIENCE.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  private static Finding noLink(String node, String trouble) {
    return Finding.failure(
        "node " + node + " is not reached: " + trouble,
        "requests that come in here for ExApps and engines that have dialled in there fail",
        "let nodes connect to each other's HP_CLUSTER_ADDRESS (port "
            + Links.DEFAULT_PORT
            + "), and set HP_CLUSTER_ADVERTISE there to where others reach it");
  }
}
