// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.session;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.address.IpAddresses;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The questions about callers that Nextcloud is asked, a limited number of them at once. Callers
 * who were known a moment ago come before strangers and always find some room; strangers wait in
 * the order in which they came, a limited number of each address. Thread-safe.
 */
final class Questions {
  /** Fewer than the connections to Nextcloud: looking up an ExApp is to find one, too. */
  static final int AT_ONCE = 80;

  static final int OF_STRANGERS_AT_ONCE = 48;
  static final int WAITING = 4_096;
  static final int OF_ONE_ADDRESS = 64;

  /** Shorter than a decision may take: then nobody is there for the answer. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  private record Question(
      Supplier<Future<Optional<NcUser>>> ask,
      InetAddress client,
      boolean isStrangers,
      long since,
      Promise<Optional<NcUser>> answer) {}

  private final Ticker ticker;
  private final AtomicInteger turns = new AtomicInteger();

  /** These are guarded by this. */
  private final Deque<Question> ofKnown = new ArrayDeque<>();

  private final Deque<Question> ofStrangers = new ArrayDeque<>();
  private final Map<InetAddress, Integer> strangersByAddress = new HashMap<>();
  private int asked;
  private int askedOfStrangers;

  Questions(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * Asks when it is this caller's turn; fails with {@code BUSY} when too many wait already.
   *
   * @param ask called once on any thread, or not at all
   */
  Future<Optional<NcUser>> put(
      Supplier<Future<Optional<NcUser>>> ask, InetAddress client, boolean isKnown) {
    var address = IpAddresses.subscriber(client);
    var question = new Question(ask, address, !isKnown, ticker.read(), Promise.promise());
    Question displaced = null;
    synchronized (this) {
      if (!isKnown && strangersByAddress.getOrDefault(address, 0) >= OF_ONE_ADDRESS) {
        return refused(
            OF_ONE_ADDRESS + " strangers from " + IpAddresses.text(address) + " wait already");
      }
      if (ofKnown.size() + ofStrangers.size() >= WAITING) {
        displaced = isKnown ? ofStrangers.pollLast() : null;
        if (displaced == null) {
          return refused(WAITING + " callers wait for Nextcloud already");
        }
        leaves(displaced);
      }
      if (isKnown) {
        ofKnown.add(question);
      } else {
        ofStrangers.add(question);
        strangersByAddress.merge(address, 1, Integer::sum);
      }
    }
    if (displaced != null) {
      displaced.answer.fail(busy("callers who are known came first"));
    }
    takeTurns();
    return question.answer.future();
  }

  /** One thread at a time, and never from within itself: an answer may be there at once. */
  private void takeTurns() {
    if (turns.getAndIncrement() > 0) {
      return;
    }
    var seen = 1;
    do {
      for (var next = next(); next != null; next = next()) {
        ask(next);
      }
      seen = turns.addAndGet(-seen);
    } while (seen > 0);
  }

  private void ask(Question question) {
    if (ticker.read() - question.since > LONGEST_WAIT.toNanos()) {
      ended(question);
      question.answer.fail(busy("its turn did not come within " + LONGEST_WAIT.toSeconds() + " s"));
      return;
    }
    question
        .ask
        .get()
        .onComplete(
            answer -> {
              ended(question);
              question.answer.handle(answer);
              takeTurns();
            });
  }

  private synchronized @Nullable Question next() {
    if (asked >= AT_ONCE) {
      return null;
    }
    var question = ofKnown.poll();
    if (question == null && askedOfStrangers < OF_STRANGERS_AT_ONCE) {
      question = ofStrangers.poll();
    }
    if (question != null) {
      asked++;
      askedOfStrangers += question.isStrangers ? 1 : 0;
    }
    return question;
  }

  private synchronized void ended(Question question) {
    asked--;
    askedOfStrangers -= question.isStrangers ? 1 : 0;
    leaves(question);
  }

  private void leaves(Question question) {
    if (question.isStrangers) {
      strangersByAddress.computeIfPresent(
          question.client, (address, count) -> count > 1 ? count - 1 : null);
    }
  }

  private static Future<Optional<NcUser>> refused(String why) {
    return Future.failedFuture(busy(why));
  }

  private static HarpException busy(String why) {
    return new HarpException(
        HarpException.Code.BUSY, "Nextcloud is not asked who a caller is: " + why);
  }
}
