// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.presence.Peers;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * What a node asks the others that starts, or may have missed something. Several questions at once
 * are answered once. On the context.
 */
final class NodesQuestion {

  /** Who asked earlier has asked again since, or is gone. */
  private static final Duration NEWS = Duration.ofSeconds(10);

  /** For several that ask at once. */
  private static final Duration GATHER = Duration.ofMillis(100);

  /** Between two answers: after a start of all, every node asks. */
  private static final Duration REST = Duration.ofSeconds(2);

  /** However many more ask meanwhile. */
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** Who answers. */
  enum Who {
    /** Each what only it knows for sure. */
    EACH,
    /** One what all know, and then the others what it has left out. */
    FIRST
  }

  private final String kind;
  private final Who who;
  private final Journal journal;
  private final Loop loop;
  private final Peers nodes;
  private final Runnable asked;
  private final Runnable answer;
  private boolean isOpen;
  private long dueAt;
  private long dueAtLatest;
  private long restsUntil;

  /**
   * A question that this node asks when something is missing, and at the start with {@link #ask}.
   *
   * @param kind of the event
   * @param asked called when somebody asks: what was told before, they may not have heard
   * @param answer called some time after
   */
  NodesQuestion(
      String kind,
      Who who,
      Journal journal,
      Loop loop,
      Peers nodes,
      Runnable asked,
      Runnable answer) {
    this.kind = kind;
    this.who = who;
    this.journal = journal;
    this.loop = loop;
    this.nodes = nodes;
    this.asked = asked;
    this.answer = answer;
    this.restsUntil = loop.nanos();
    journal.listen(kind, this::heard);
    journal.whenMissing(this::ask);
  }

  void ask() {
    journal.tell(kind, new JsonObject().put("run", nodes.run()));
  }

  /** Whether an answer is due. */
  boolean isOpen() {
    return isOpen;
  }

  private void heard(Heard heard) {
    // Who may have missed something may also be the only one who knows something else.
    var isForHere = !heard.own() || who == Who.FIRST;
    if (isForHere && heard.age().compareTo(NEWS) < 0) {
      asked.run();
      answerSoon(heard.event().getString("run", ""));
    }
  }

  /**
   * Whoever is first answers all who have asked since the first of them; who only adds to that
   * waits until the last of them has heard it.
   */
  private void answerSoon(String asker) {
    var now = loop.nanos();
    var patience = who == Who.EACH ? Duration.ZERO : nodes.patience(asker);
    var due = now + GATHER.plus(patience).toNanos();
    if (!isOpen) {
      isOpen = true;
      dueAt = later(due, restsUntil);
      dueAtLatest = dueAt + LONGEST.toNanos();
      look();
    } else if (!patience.isZero() && due - dueAtLatest < 0) {
      dueAt = later(due, dueAt);
    }
  }

  private static long later(long one, long other) {
    return one - other > 0 ? one : other;
  }

  private void look() {
    var early = dueAt - loop.nanos();
    if (early > 0) {
      loop.after(Duration.ofNanos(early).plusMillis(1), this::look);
      return;
    }
    isOpen = false;
    restsUntil = loop.nanos() + REST.toNanos();
    answer.run();
  }
}
