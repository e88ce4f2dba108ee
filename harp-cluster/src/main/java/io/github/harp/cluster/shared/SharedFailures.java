// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

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
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Failures that count at every node, whichever they happened at. A node that starts, or may have
 * missed some, asks: one answers with all it knows, and whoever knows more of a network adds that,
 * so that no ban is lost with the journal. Thread-safe.
 */
public final class SharedFailures implements Failures {

  private static final String NETWORK = "network";

  /** How old it was when it was told, in milliseconds; not there for what was new. */
  private static final String AGE = "age";

  /** Of an answer; those that are banned come first. */
  private static final int MOST_NETWORKS = 5_000;

  private final Failures local;
  private final Journal journal;
  private final NodesQuestion question;
  private final String counted;
  private final String forgotten;
  private final String known;

  /** How many failures of a network somebody has told since the last question. */
  private final Map<InetAddress, Integer> told = new HashMap<>();

  /** Before the journal is opened. */
  public SharedFailures(Failures local, Journal journal, Context context, Attendance nodes) {
    this(local, journal, Loop.of(context), nodes);
  }

  SharedFailures(Failures local, Journal journal, Loop loop, Peers nodes) {
    this.local = local;
    this.journal = journal;
    this.counted = "failure of " + local.name();
    this.forgotten = "no failure of " + local.name();
    this.known = "failures of " + local.name();
    this.question =
        new NodesQuestion(
            "which " + known,
            NodesQuestion.Who.FIRST,
            journal,
            loop,
            nodes,
            told::clear,
            this::answer);
    journal.listen(counted, heard -> fromOthers(heard, this::count));
    journal.listen(forgotten, heard -> fromOthers(heard, this::forget));
    journal.listen(known, heard -> fromOthers(heard, this::compare));
    question.ask();
  }

  // ---- what others know, and may have been missed

  private void answer() {
    var networks =
        local.entries().stream()
            .limit(MOST_NETWORKS)
            .filter(it -> it.failures().size() > told.getOrDefault(it.network(), 0))
            .map(SharedFailures::text)
            .toList();
    journal.tellAll(known, "networks", networks);
    told.clear();
  }

  private static JsonObject text(Entry entry) {
    var failures = new JsonArray();
    entry
        .failures()
        .forEach(
            it ->
                failures.add(
                    new JsonObject().put("reason", it.reason()).put(AGE, it.age().toMillis())));
    return text(entry.network()).put("failures", failures);
  }

  private void compare(Heard heard) {
    heard.event().getJsonArray("networks").forEach(it -> compare((JsonObject) it, heard.age()));
  }

  /** What is missing here are most likely the latest. */
  private void compare(JsonObject entry, Duration age) {
    var theirs = entry.getJsonArray("failures");
    network(entry)
        .ifPresent(
            network -> {
              if (question.isOpen()) {
                told.merge(network, theirs.size(), Math::max);
              }
              for (var i = local.of(network).size(); i < theirs.size(); i++) {
                count(network, theirs.getJsonObject(i), age);
              }
            });
  }

  // ---- what happens

  private void fromOthers(Heard heard, Consumer<Heard> task) {
    if (!heard.own()) {
      task.accept(heard);
    }
  }

  private void count(Heard failure) {
    network(failure.event()).ifPresent(it -> count(it, failure.event(), failure.age()));
  }

  private void count(InetAddress network, JsonObject failure, Duration age) {
    var before = Math.max(0, failure.getLong(AGE, 0L));
    local.record(network, failure.getString("reason", ""), age.plusMillis(before));
  }

  private void forget(Heard clearance) {
    if (clearance.event().containsKey(NETWORK)) {
      network(clearance.event()).ifPresent(local::clear);
    } else {
      local.clear();
    }
  }

  private static Optional<InetAddress> network(JsonObject event) {
    return Optional.ofNullable(IpAddresses.parse(event.getString(NETWORK, "")));
  }

  private static JsonObject text(InetAddress address) {
    return new JsonObject().put(NETWORK, IpAddresses.text(IpAddresses.subscriber(address)));
  }

  @Override
  public boolean record(InetAddress address, String reason, Duration age) {
    var failure = text(address).put("reason", reason);
    if (!age.isZero()) {
      failure.put(AGE, age.toMillis());
    }
    // First, so that whoever hears of it in an answer, too, has heard of it before.
    journal.tell(counted, failure);
    return local.record(address, reason, age);
  }

  @Override
  public boolean clear(InetAddress address) {
    var hadSome = local.clear(address);
    journal.tell(forgotten, text(address));
    return hadSome;
  }

  @Override
  public void clear() {
    local.clear();
    journal.tell(forgotten, new JsonObject());
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
