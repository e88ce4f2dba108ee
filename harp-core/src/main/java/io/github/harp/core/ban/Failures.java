// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.ban;

import io.github.harp.core.watch.Watch;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Failures of one kind by address, and who is banned for them: one subscriber counts as one, which
 * for IPv6 is a /64. Read on event loops for every request: must not block. Thread-safe.
 */
public interface Failures {

  /**
   * One address, or /64, with failures.
   *
   * @param network the address itself, or the first of its /64
   * @param banned whether it is refused now
   * @param failures those that count, oldest first
   */
  record Entry(InetAddress network, boolean banned, List<Failure> failures) {}

  /**
   * One failure.
   *
   * @param reason why, as in the log
   * @param age how long ago
   * @param id by which nodes know it again, and count it once; zero where nobody has given it one
   */
  record Failure(String reason, Duration age, long id) {

    /** One that nobody else tells of. */
    public Failure(String reason, Duration age) {
      this(reason, age, 0);
    }
  }

  /** What they are about, as in the log. */
  String name();

  boolean isBanned(InetAddress address);

  /** Whether this address would be banned with one failure more. */
  boolean bansNext(InetAddress address);

  /** For how long this address is still banned; zero when it is not. */
  Duration remaining(InetAddress address);

  /** Counts a failure; whether the address is banned now. */
  default boolean record(InetAddress address, String reason) {
    return record(address, new Failure(reason, Duration.ZERO));
  }

  /**
   * Counts a failure that is known only now, unless it is counted already; whether the address is
   * banned now.
   */
  boolean record(InetAddress address, Failure failure);

  /** Forgets the failures of one address; whether there were any. */
  boolean clear(InetAddress address);

  /** Forgets those failures of one address that have these ids; zero is that of any without one. */
  void clear(InetAddress address, Set<Long> ids);

  void clear();

  /** Those of an address that count still, the oldest first. */
  List<Failure> of(InetAddress address);

  /** How many addresses are banned now. */
  long banned();

  /** Everybody with failures that count, banned ones first. */
  List<Entry> entries();

  /**
   * Tells what is recorded and forgotten from now on, but not what is no longer counted since it is
   * old.
   *
   * @param listener called on any thread, often while somebody attacks; must not block
   */
  Watch watch(Consumer<? super Event> listener);

  /** Something that happened to the failures of a network. */
  sealed interface Event {

    /** Calls the one that fits. */
    void when(Consumer<Recorded> recorded, Consumer<Cleared> cleared);
  }

  /** A failure was counted. */
  record Recorded(InetAddress network, String reason) implements Event {

    @Override
    public void when(Consumer<Recorded> recorded, Consumer<Cleared> cleared) {
      recorded.accept(this);
    }
  }

  /**
   * Failures were forgotten because somebody wanted it.
   *
   * @param network whose; empty for everybody's. Newer ones may be left
   */
  record Cleared(Optional<InetAddress> network) implements Event {

    @Override
    public void when(Consumer<Recorded> recorded, Consumer<Cleared> cleared) {
      cleared.accept(this);
    }
  }
}
