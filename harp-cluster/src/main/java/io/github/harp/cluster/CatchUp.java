// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import io.github.harp.cluster.journal.RedisJournal;
import io.github.harp.cluster.presence.Attendance;
import io.github.harp.cluster.shared.NodesQuestion;
import io.github.harp.cluster.shared.SharedTunnels;
import io.github.harp.core.InstanceName;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a node knows of one Nextcloud what the others do: who is there, the journal up to its own
 * questions, what was answered to them, and the tunnels of each that lives. Where nobody else knows
 * it, as when all start at once, nobody is waited for. On the context, but for {@link #within} and
 * {@link #awaits}.
 */
final class CatchUp {

  private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

  private final Vertx vertx;
  private final Context context;
  private final InstanceName name;
  private final RedisJournal journal;
  private final Attendance nodes;
  private final List<NodesQuestion> questions = new CopyOnWriteArrayList<>();
  private final Promise<Void> done = Promise.promise();
  private @Nullable SharedTunnels tunnels;
  private boolean isLate;

  CatchUp(Vertx vertx, Context context, InstanceName name, RedisJournal journal, Attendance nodes) {
    this.vertx = vertx;
    this.context = context;
    this.name = name;
    this.journal = journal;
    this.nodes = nodes;
    journal.whenMissing(() -> nodes.tellAll(false));
  }

  /** Before the journal is opened, as the other one. */
  void awaits(NodesQuestion question) {
    questions.add(question);
  }

  void awaits(SharedTunnels shared) {
    tunnels = shared;
    questions.addAll(shared.questions());
    // Behind theirs: what is there is known then.
    nodes.whenRead(this::look);
  }

  /**
   * Complete when this node has known it once, or the time is over: then the log says what is
   * missing, and once more when it is there. On any thread.
   */
  Future<Void> within(Duration atMost) {
    var within = Promise.<Void>promise();
    done.future().onSuccess(known -> within.tryComplete());
    context.runOnContext(
        it ->
            vertx.setTimer(
                Math.max(1, atMost.toMillis()),
                timer -> {
                  if (!done.future().isComplete()) {
                    isLate = true;
                    LOG.warn(
                        "{}: goes on after {} s without what the other nodes know, until it is"
                            + " there: {}",
                        name.mark("nodes"),
                        atMost.toSeconds(),
                        String.join("; ", missing()));
                    within.tryComplete();
                  }
                }));
    return within.future();
  }

  private void look() {
    if (nodes.tellsAll() || !missing().isEmpty()) {
      return;
    }
    nodes.tellAll(true);
    if (done.tryComplete() && isLate) {
      LOG.info("{}: knows now what the others do", name.mark("nodes"));
    }
  }

  private List<String> missing() {
    var missing = new ArrayList<String>();
    Optional.of(journal.status(List.of()))
        .filter(it -> !it.joined())
        .ifPresent(
            it -> missing.add(it.troubles().isEmpty() ? "the journal" : it.troubles().get(0)));
    if (!nodes.isRead()) {
      missing.add("who is there");
    }
    questions.stream()
        .filter(question -> !question.isAnswered())
        .map(question -> "what was answered to '" + question + "'")
        .forEach(missing::add);
    var unknown = tunnels == null ? 0 : tunnels.unknown();
    if (unknown > 0) {
      missing.add("the tunnels of " + unknown + " of them");
    }
    return missing;
  }
}
