// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.docker.transport.Engine;
import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when something happens to a container. Subscribes to the engine's events when it is first
 * waited for; while there is no subscription, and now and then in case an event got lost, time
 * passing counts as something.
 */
final class ContainerChanges implements ResultCallback<Event> {

  private static final Logger LOG = LoggerFactory.getLogger(ContainerChanges.class);
  private static final Duration WITHOUT_EVENTS = Duration.ofMillis(500);
  private static final Duration WITH_EVENTS = Duration.ofSeconds(2);

  private final Engine engine;
  private final String container;
  private final Semaphore happened = new Semaphore(0);
  private boolean asked;
  private volatile boolean subscribed;

  ContainerChanges(Engine engine, String container) {
    this.engine = engine.another(engine.order().allowed());
    this.container = container;
  }

  /** Returns when it may be worth to look again, or at {@code end}. */
  void await(Deadline end) throws InterruptedException {
    if (!asked) {
      asked = true;
      subscribe();
    }
    var pause = end.within(subscribed ? WITH_EVENTS : WITHOUT_EVENTS);
    if (happened.tryAcquire(Math.max(1, pause.remainingNanos()), TimeUnit.NANOSECONDS)) {
      happened.drainPermits();
    }
  }

  private void subscribe() {
    engine
        .docker()
        .eventsCmd()
        .withEventTypeFilter(EventType.CONTAINER)
        .withContainerFilter(container)
        .exec(this);
  }

  @Override
  public void onStart(Closeable stream) {
    subscribed = true;
    // What happened between the last look and now is seen by looking again.
    happened.release();
  }

  @Override
  public void onNext(Event event) {
    happened.release();
  }

  @Override
  public void onError(Throwable cause) {
    subscribed = false;
    LOG.debug("{}: no events of {}, polling instead: {}", engine, container, cause.getMessage());
  }

  @Override
  public void onComplete() {
    subscribed = false;
  }

  @Override
  public void close() {
    engine.close();
  }
}
