// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.presence.Peers;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * What a node asks the others that starts, or may have missed something. Several questions at once
 * are answered once. On the context.
 */
public final class NodesQuestion {

  /** Who asked earlier has asked again since, or is gone. */
  private static final Duration NEWS = Duration.ofSeconds(10);

  /** For several that ask at once. */
  private static final Duration GATHER = Duration.ofMillis(100);

  /** Between two answers: after a start of all, every node asks. */
  private static final Duration REST = Duration.ofSeconds(2);

  /** However many more ask meanwhile. */
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private static final int MAX_ASKERS = 2_000;
  private static final String RUNS = "runs";
  private static final String NUMBER = "number";

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

  /** Who has asked since the last answer, but for those that somebody else has answered. */
  private final Set<String> askers = new HashSet<>();

  private long number;
  private long askedAt;
  private boolean isHeard;
  private boolean isAnswered;

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
    journal.listen(answered(kind), this::answered);
    journal.whenMissing(this::ask);
  }

  private static String answered(String kind) {
    return "answered: " + kind;
  }

  /**
   * Whether what this node asked for last is known: all that the journal said before was read, and,
   * where one answers, who knew all when it was asked has said it. Of those who have learned it
   * since, none may answer any more.
   */
  public boolean isAnswered() {
    var since = Duration.ofNanos(loop.nanos() - askedAt);
    return isHeard && (isAnswered || who == Who.EACH || nodes.known().compareTo(since) <= 0);
  }

  @Override
  public String toString() {
    return kind;
  }

  void ask() {
    isHeard = false;
    isAnswered = false;
    number++;
    askedAt = loop.nanos();
    journal.tell(kind, new JsonObject().put("run", nodes.run()).put(NUMBER, number));
  }

  /** Whether an answer is due. */
  boolean isOpen() {
    return isOpen;
  }

  private void heard(Heard heard) {
    if (heard.own() && heard.event().getLong(NUMBER, 0L) == number) {
      heardOwn(heard.age().compareTo(NEWS) < 0);
    }
    // Who may have missed something may also be the only one who knows something else.
    var isForHere = !heard.own() || who == Who.FIRST;
    if (isForHere && heard.age().compareTo(NEWS) < 0) {
      asked.run();
      var asker = heard.event().getString("run", "");
      if (!heard.own() && askers.size() < MAX_ASKERS) {
        askers.add(asker);
      }
      answerSoon(asker);
    }
  }

  /** What waited until the servers were there is told with its age, and nobody answers it. */
  private void heardOwn(boolean isNews) {
    if (isNews) {
      isHeard = true;
    } else {
      loop.after(REST, this::ask);
    }
  }

  /** Somebody who knew what all do has told what of that was asked for. */
  private void answered(Heard heard) {
    for (var each : heard.event().getJsonArray(RUNS)) {
      var asker = ((JsonObject) each).getString("run", "");
      askers.remove(asker);
      isAnswered |= nodes.run().equals(asker);
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
    if (who == Who.FIRST && nodes.tellsAll()) {
      var to = askers.stream().map(run -> new JsonObject().put("run", run)).toList();
      journal.tellAll(answered(kind), RUNS, to);
    }
    askers.clear();
  }
}
