// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static java.util.stream.Collectors.toSet;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.presence.Attendance;
import io.github.harp.cluster.presence.Peers;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.watch.Watch;
import io.vertx.core.Context;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Failures that count at every node, whichever they happened at. A node that starts, or may have
 * missed some, asks: one answers with all it knows, and whoever knows more of a network adds that,
 * so that no ban is lost with the journal, and none comes back that was cleared: what is forgotten
 * is said by its ids, and remembered, so that it does not matter what is heard first. Thread-safe.
 */
public final class SharedFailures implements Failures {

  private static final String NETWORK = "network";
  private static final String NETWORKS = "networks";
  private static final String IDS = "ids";

  /** How old it was when it was told, in milliseconds; not there for what was new. */
  private static final String AGE = "age";

  /** Not there where it is of a node of an earlier version. */
  private static final String ID = "id";

  /** Of an answer; those that are banned come first. */
  private static final int MOST_NETWORKS = 5_000;

  private final Failures local;
  private final Journal journal;
  private final NodesQuestion question;
  private final String counted;
  private final String cleared;
  private final String allCleared;
  private final String known;
  private final Forgotten forgotten;

  /** No other node begins near it. */
  private final AtomicLong ids = new AtomicLong(new SecureRandom().nextLong());

  /** Failures that somebody has told since the last question. */
  private final Set<Long> told = new HashSet<>();

  /** And of those that are forgotten. */
  private final Set<Long> toldForgotten = new HashSet<>();

  /**
   * Before the journal is opened.
   *
   * @param window how long a failure counts
   */
  public SharedFailures(
      Failures local, Journal journal, Context context, Attendance nodes, Duration window) {
    this(local, journal, Loop.of(context), nodes, window);
  }

  SharedFailures(Failures local, Journal journal, Loop loop, Peers nodes, Duration window) {
    this.local = local;
    this.journal = journal;
    this.counted = "failure of " + local.name();
    this.cleared = "cleared failures of " + local.name();
    this.allCleared = "no failure of " + local.name();
    this.forgotten = new Forgotten(window, loop::nanos);
    this.known = "failures of " + local.name();
    this.question =
        new NodesQuestion(
            "which " + known,
            NodesQuestion.Who.FIRST,
            journal,
            loop,
            nodes,
            this::nothingIsTold,
            this::answer);
    journal.listen(counted, heard -> fromOthers(heard, this::count));
    journal.listen(cleared, heard -> fromOthers(heard, this::forget));
    journal.listen(allCleared, heard -> fromOthers(heard, clearance -> forgetAll()));
    journal.listen(known, heard -> fromOthers(heard, this::compare));
    question.ask();
  }

  // ---- what others know, and may have been missed

  /** What this node asks the others. */
  public NodesQuestion question() {
    return question;
  }

  private void nothingIsTold() {
    told.clear();
    toldForgotten.clear();
  }

  private void answer() {
    var networks =
        local.entries().stream()
            .limit(MOST_NETWORKS)
            .filter(it -> it.failures().stream().anyMatch(one -> !told.contains(one.id())))
            .map(SharedFailures::text)
            .toList();
    journal.tellAll(known, NETWORKS, networks);
    var missing = forgotten.all();
    missing.values().removeIf(toldForgotten::containsAll);
    tellForgotten(missing);
    nothingIsTold();
  }

  private static JsonObject text(Entry entry) {
    var failures = new JsonArray();
    entry.failures().forEach(it -> failures.add(put(new JsonObject(), it)));
    return text(entry.network()).put("failures", failures);
  }

  private void compare(Heard heard) {
    heard.event().getJsonArray(NETWORKS).forEach(it -> compare((JsonObject) it, heard.age()));
  }

  private void compare(JsonObject entry, Duration age) {
    var theirs =
        entry.getJsonArray("failures").stream().map(it -> failure((JsonObject) it, age)).toList();
    network(entry).ifPresent(network -> compare(network, theirs));
  }

  /** Of those that can't be told apart as many are missing here as are less here, the latest. */
  private void compare(InetAddress network, List<Failure> theirs) {
    for (var failure : theirs) {
      if (failure.id() != 0) {
        recordUnlessForgotten(network, failure);
        if (question.isOpen()) {
          told.add(failure.id());
        }
      }
    }
    for (var i = local.of(network).size(); i < theirs.size(); i++) {
      if (theirs.get(i).id() == 0) {
        local.record(network, theirs.get(i));
      }
    }
  }

  // ---- what happens

  private void fromOthers(Heard heard, Consumer<Heard> task) {
    if (!heard.own()) {
      task.accept(heard);
    }
  }

  private void count(Heard heard) {
    network(heard.event())
        .ifPresent(it -> recordUnlessForgotten(it, failure(heard.event(), heard.age())));
  }

  private void recordUnlessForgotten(InetAddress network, Failure failure) {
    if (!forgotten.contains(failure.id())) {
      local.record(network, failure);
      if (forgotten.contains(failure.id())) {
        // Cleared meanwhile, on another thread.
        local.clear(network, Set.of(failure.id()));
      }
    }
  }

  private static Failure failure(JsonObject text, Duration age) {
    return new Failure(
        text.getString("reason", ""),
        age.plusMillis(Math.max(0, text.getLong(AGE, 0L))),
        text.getLong(ID, 0L));
  }

  private static JsonObject put(JsonObject text, Failure failure) {
    text.put("reason", failure.reason()).put(ID, failure.id());
    return failure.age().isZero() ? text : text.put(AGE, failure.age().toMillis());
  }

  private void forget(Heard clearance) {
    for (var each : clearance.event().getJsonArray(NETWORKS)) {
      var text = (JsonObject) each;
      var ids = new HashSet<Long>();
      text.getJsonArray(IDS).forEach(id -> ids.add(((Number) id).longValue()));
      network(text).ifPresent(network -> forget(network, ids));
      if (question.isOpen()) {
        toldForgotten.addAll(ids);
      }
    }
  }

  private void forget(InetAddress network, Set<Long> ids) {
    forgotten.add(network, ids);
    local.clear(network, ids);
  }

  /** Too much to be told one by one. */
  private void forgetAll() {
    local.entries().forEach(it -> forgotten.add(it.network(), ids(it.failures())));
    local.clear();
  }

  private static Set<Long> ids(List<Failure> failures) {
    return failures.stream().map(Failure::id).collect(toSet());
  }

  private void tellForgotten(Map<InetAddress, Set<Long>> ids) {
    var networks = new ArrayList<JsonObject>();
    ids.forEach(
        (network, of) -> networks.add(text(network).put(IDS, new JsonArray(List.copyOf(of)))));
    journal.tellAll(cleared, NETWORKS, networks);
  }

  private static Optional<InetAddress> network(JsonObject event) {
    return Optional.ofNullable(IpAddresses.parse(event.getString(NETWORK, "")));
  }

  private static JsonObject text(InetAddress address) {
    return new JsonObject().put(NETWORK, IpAddresses.text(IpAddresses.subscriber(address)));
  }

  @Override
  public boolean record(InetAddress address, Failure failure) {
    var named =
        failure.id() == 0
            ? new Failure(failure.reason(), failure.age(), ids.incrementAndGet())
            : failure;
    // First, so that whoever hears of it in an answer, too, has heard of it before.
    journal.tell(counted, put(text(address), named));
    return local.record(address, named);
  }

  @Override
  public boolean clear(InetAddress address) {
    var ids = ids(local.of(address));
    clear(address, ids);
    return !ids.isEmpty();
  }

  @Override
  public void clear(InetAddress address, Set<Long> ids) {
    forget(IpAddresses.subscriber(address), ids);
    tellForgotten(Map.of(address, ids));
  }

  @Override
  public void clear() {
    var ids = new HashMap<InetAddress, Set<Long>>();
    var number = 0;
    for (var entry : local.entries()) {
      ids.put(entry.network(), ids(entry.failures()));
      number += entry.failures().size();
    }
    forgetAll();
    if (number > Forgotten.MOST) {
      journal.tell(allCleared, new JsonObject());
    } else {
      tellForgotten(ids);
    }
  }

  @Override
  public String name() {
    return local.name();
  }

  @Override
  public boolean isBanned(InetAddress address) {
    return local.isBanned(address);
  }

  @Override
  public boolean bansNext(InetAddress address) {
    return local.bansNext(address);
  }

  @Override
  public Duration remaining(InetAddress address) {
    return local.remaining(address);
  }

  @Override
  public List<Failure> of(InetAddress address) {
    return local.of(address);
  }

  @Override
  public long banned() {
    return local.banned();
  }

  @Override
  public List<Entry> entries() {
    return local.entries();
  }

  @Override
  public Watch watch(Consumer<? super Event> listener) {
    return local.watch(listener);
  }
}
