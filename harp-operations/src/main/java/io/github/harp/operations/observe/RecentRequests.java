// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import io.github.harp.core.InstanceName;
import io.github.harp.core.decision.Reason;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what was decided about the last requests, without names of users, queries, headers or
 * anything else that is secret. Each takes two kilobytes at most, so that all of them take four
 * megabytes. Thread-safe.
 */
public final class RecentRequests implements RequestObserver {

  static final int MOST = 2_048;
  private static final int LONGEST = 300;

  private final Clock clock;
  private final AtomicReferenceArray<@Nullable Remembered> ring = new AtomicReferenceArray<>(MOST);
  private final AtomicInteger next = new AtomicInteger();

  public RecentRequests(Clock clock) {
    this.clock = clock;
  }

  /**
   * One of them; texts are as they were sent, and cut.
   *
   * @param ended when
   * @param decided what was decided, and why; empty when it could not be read
   * @param status 0 when there was no answer
   * @param problem what went wrong, or is known beside; empty for nothing
   * @param upstream who answered; empty when we did
   */
  public record Remembered(
      String id,
      Instant ended,
      String method,
      String path,
      InetAddress client,
      Optional<Decided> decided,
      int status,
      String problem,
      String upstream,
      Duration total) {

    /** Or failed; not for a sender who did not wait. */
    private boolean isRefused() {
      return status >= 500 || decided.map(Decided::isRefusal).orElse(true);
    }

    /** Whoever is refused a thousand times must not hide the others. */
    private Object kindOfRefusal() {
      return List.of(client, decided.map(it -> it.reason().name()).orElse(""), status);
    }

    private boolean isOf(Predicate<InstanceName> nextclouds) {
      return decided.filter(it -> nextclouds.test(it.nextcloud())).isPresent();
    }
  }

  /**
   * What the gatekeeper said of it.
   *
   * @param nextcloud whose request it was
   * @param label of the decision
   * @param app where it went; empty when it went to none
   * @param sender the class of the user; empty when nobody was asked
   */
  public record Decided(
      InstanceName nextcloud,
      String label,
      Reason reason,
      boolean counted,
      String app,
      String sender) {

    private boolean isRefusal() {
      return label.equals("refuse") || label.equals("drop");
    }
  }

  @Override
  public void finished(RequestRecord request) {
    ring.set(Math.floorMod(next.getAndIncrement(), MOST), remembered(request));
  }

  private Remembered remembered(RequestRecord request) {
    var verdict = request.verdict();
    var failure = request.failure();
    var detail = verdict == null ? "" : verdict.decision().detail();
    return new Remembered(
        request.id(),
        clock.instant(),
        cut(request.method()),
        cut(request.path()),
        verdict == null ? request.peer() : verdict.client(),
        Optional.ofNullable(verdict)
            .map(
                it -> {
                  var forward = it.decision().forward();
                  return new Decided(
                      it.instance().name(),
                      it.decision().label(),
                      it.reason(),
                      it.counted(),
                      forward.map(to -> to.exApp().id().text()).orElse(""),
                      forward.map(AccessLog::userClass).orElse(""));
                }),
        request.status(),
        cut(failure == null ? detail : failure.kind() + ": " + failure.message()),
        Objects.requireNonNullElse(request.upstream(), ""),
        request.total());
  }

  private static String cut(String text) {
    return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
  }

  /** Those whose id begins like this, the last first. */
  public List<Remembered> find(String beginOfId, int most) {
    return last(it -> it.id().startsWith(beginOfId), it -> true, most);
  }

  /** Those that were refused or have failed, the last first, and of each sender one a reason. */
  public List<Remembered> refused(int most) {
    return refused(it -> true, most);
  }

  /** Those of some Nextclouds alone: whose it was is not known of what could not be read. */
  public List<Remembered> refusedBy(Predicate<InstanceName> nextclouds, int most) {
    return refused(it -> it.isOf(nextclouds), most);
  }

  private List<Remembered> refused(Predicate<Remembered> which, int most) {
    var told = new HashSet<Object>();
    return last(it -> it.isRefused() && which.test(it), it -> told.add(it.kindOfRefusal()), most);
  }

  private List<Remembered> last(
      Predicate<Remembered> which, Predicate<Remembered> andThen, int most) {
    return IntStream.range(0, MOST)
        .mapToObj(ring::get)
        .filter(Objects::nonNull)
        .filter(which)
        .sorted(Comparator.comparing(Remembered::ended).reversed())
        .filter(andThen)
        .limit(most)
        .toList();
  }
}
