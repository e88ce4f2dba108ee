// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.watch.Watch;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Failures that count at every node, whichever they happened at. */
public final class SharedFailures implements Failures {

  private static final String NETWORK = "network";

  /** How old it was when it was told, in milliseconds; not there for what was new. */
  private static final String AGE = "age";

  private final Failures local;
  private final Journal journal;
  private final String counted;
  private final String forgotten;

  public SharedFailures(Failures local, Journal journal) {
    this.local = local;
    this.journal = journal;
    this.counted = "failure of " + local.name();
    this.forgotten = "no failure of " + local.name();
    journal.listen(counted, heard -> fromOthers(heard, this::count));
    journal.listen(forgotten, heard -> fromOthers(heard, this::forget));
  }

  private void fromOthers(Heard heard, Consumer<Heard> task) {
    if (!heard.own()) {
      task.accept(heard);
    }
  }

  private void count(Heard failure) {
    var reason = failure.event().getString("reason", "");
    var before = Math.max(0, failure.event().getLong(AGE, 0L));
    network(failure).ifPresent(it -> local.record(it, reason, failure.age().plusMillis(before)));
  }

  private void forget(Heard clearance) {
    if (clearance.event().containsKey(NETWORK)) {
      network(clearance).ifPresent(local::clear);
    } else {
      local.clear();
    }
  }

  private static Optional<InetAddress> network(Heard heard) {
    return Optional.ofNullable(IpAddresses.parse(heard.event().getString(NETWORK, "")));
  }

  private static JsonObject of(InetAddress address) {
    return new JsonObject().put(NETWORK, IpAddresses.text(IpAddresses.subscriber(address)));
  }

  @Override
  public boolean record(InetAddress address, String reason, Duration age) {
    var banned = local.record(address, reason, age);
    var failure = of(address).put("reason", reason);
    if (!age.isZero()) {
      failure.put(AGE, age.toMillis());
    }
    journal.tell(counted, failure);
    return banned;
  }

  @Override
  public boolean clear(InetAddress address) {
    var hadSome = local.clear(address);
    journal.tell(forgotten, of(address));
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
