// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.InstanceName;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.session.Sessions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A Nextcloud in memory that counts what it is asked, and may be slow or out of order. */
public final class FakeNextcloud implements Nextcloud {
  private final Map<String, ExApp> exApps = new ConcurrentHashMap<>();
  private final Map<String, NcUser> sessions = new ConcurrentHashMap<>();
  private final List<String> exAppQuestions = new CopyOnWriteArrayList<>();
  private final List<String> userQuestions = new CopyOnWriteArrayList<>();
  private final List<Runnable> held = new ArrayList<>();
  private volatile HarpException failure;
  private volatile boolean refusing;
  private volatile boolean holding;
  private volatile boolean fromAnotherThread;

  public FakeNextcloud with(ExApp exApp) {
    exApps.put(exApp.id().text(), exApp);
    return this;
  }

  public FakeNextcloud without(String appId) {
    exApps.remove(appId);
    return this;
  }

  /** Nothing is answered before the question has returned. */
  public FakeNextcloud answeringFromAnotherThread() {
    fromAnotherThread = true;
    return this;
  }

  /** Whoever shows this in a cookie or in Authorization is that user. */
  public FakeNextcloud withSession(String credential, NcUser user) {
    sessions.put(credential, user);
    return this;
  }

  public void failWith(HarpException.Code code) {
    failure = new HarpException(code, "Nextcloud is out of order: expected an answer");
  }

  public void recover() {
    failure = null;
  }

  /** Answers to who somebody is are 'no' from now on. */
  public void refuseUsers() {
    refusing = true;
  }

  /** Answers are held back until {@link #release}. */
  public void hold() {
    holding = true;
  }

  /** Gives the answers held back, from a thread of its own. */
  public void release() {
    holding = false;
    var answers = List.copyOf(held);
    held.clear();
    var thread = new Thread(() -> answers.forEach(Runnable::run), "nextcloud");
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public List<String> exAppQuestions() {
    return exAppQuestions;
  }

  public List<String> userQuestions() {
    return userQuestions;
  }

  /** What a gateway for it has, with records and tokens that the test looks at. */
  public Instance instance(
      SharedKey key, ExAppRecords records, TunnelTokens tokens, Bans bans, Ticker time) {
    var lifetime = Duration.ofSeconds(3);
    return new Instance(
        InstanceName.FIRST,
        key,
        "",
        this,
        records,
        new Sessions(this, lifetime, time),
        tokens,
        bans);
  }

  @Override
  public Future<Optional<ExApp>> exApp(AppId appId) {
    exAppQuestions.add(appId.text());
    return answer(() -> Optional.ofNullable(exApps.get(appId.text())));
  }

  @Override
  public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
    userQuestions.add(appId.text());
    var shown = request.headers("cookie") + " " + request.header("authorization");
    return answer(() -> refusing ? Optional.empty() : Optional.of(userOf(shown)));
  }

  private NcUser userOf(String shown) {
    return sessions.entrySet().stream()
        .filter(it -> shown.contains(it.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(NcUser.ANONYMOUS);
  }

  private <T> Future<T> answer(Supplier<T> truth) {
    var now = truth.get();
    var failureNow = failure;
    var promise = Promise.<T>promise();
    Runnable answer =
        () -> {
          if (failureNow != null) {
            promise.fail(failureNow);
          } else {
            promise.complete(now);
          }
        };
    if (holding) {
      held.add(answer);
    } else if (fromAnotherThread) {
      new Thread(answer, "nextcloud").start();
    } else {
      answer.run();
    }
    return promise.future();
  }
}
