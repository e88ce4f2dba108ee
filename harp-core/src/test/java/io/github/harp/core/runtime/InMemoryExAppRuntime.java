// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static io.github.harp.core.HarpException.Code.CONFLICT;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;
import static io.github.harp.core.HarpException.Code.REFUSED;

import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A runtime that only remembers, for tests of what gives orders. Thread-safe; orders are over when
 * they return, but for {@link #awaitStart}.
 */
public final class InMemoryExAppRuntime implements ExAppRuntime {

  private enum State {
    CREATED,
    RUNNING,
    EXITED
  }

  private static final class Container {
    private final ExAppSpec spec;
    private final Deployed deployed;
    private final List<CertificateInstallation> installed = new ArrayList<>();
    private State state = State.CREATED;

    Container(ExAppSpec spec, Deployed deployed) {
      this.spec = spec;
      this.deployed = deployed;
    }
  }

  private final Map<String, Boolean> endsByImage = new HashMap<>();
  private final Map<String, Container> containers = new HashMap<>();
  private final Set<String> volumes = new HashSet<>();
  private final Map<String, List<Promise<StartOutcome>>> waiting = new HashMap<>();
  private PlaceReport report = new PlaceReport("memory", List.of());
  private int made;

  /**
   * @param ends whether the image's program ends at once
   */
  public synchronized InMemoryExAppRuntime withImage(String image, boolean ends) {
    endsByImage.put(image, ends);
    return this;
  }

  /** What it says of itself from now on. */
  public synchronized InMemoryExAppRuntime describedAs(PlaceReport report) {
    this.report = report;
    return this;
  }

  /** What was installed in a container. */
  public synchronized List<CertificateInstallation> installedIn(ExAppName name) {
    return List.copyOf(require(name).installed);
  }

  public synchronized boolean hasVolume(ExAppName name) {
    return volumes.contains(name.volume());
  }

  @Override
  public synchronized Future<PlaceReport> describe() {
    return Future.succeededFuture(report);
  }

  @Override
  public Future<Optional<Deployed>> find(ExAppName name) {
    return order(
        () -> Optional.ofNullable(containers.get(name.container())).map(found -> found.deployed));
  }

  @Override
  public Future<Deployed> create(ExAppSpec spec) {
    return order(
        () -> {
          var name = spec.name().container();
          if (containers.containsKey(name)) {
            throw new HarpException(CONFLICT, "container " + name + ": the name is taken");
          }
          if (!endsByImage.containsKey(spec.image())) {
            throw new HarpException(REFUSED, "image " + spec.image() + ": there is none");
          }
          var deployed = new Deployed("id-" + ++made, name, spec.image());
          containers.put(name, new Container(spec, deployed));
          volumes.add(spec.name().volume());
          return deployed;
        });
  }

  @Override
  public Future<Boolean> start(ExAppName name) {
    return order(
        () -> {
          var container = require(name);
          if (container.state == State.RUNNING) {
            return false;
          }
          container.state =
              endsByImage.getOrDefault(container.spec.image(), false)
                  ? State.EXITED
                  : State.RUNNING;
          Optional.ofNullable(waiting.remove(name.container()))
              .ifPresent(all -> all.forEach(one -> one.complete(outcome(container))));
          return true;
        });
  }

  @Override
  public Future<Boolean> stop(ExAppName name) {
    return order(
        () -> {
          var container = require(name);
          var wasRunning = container.state == State.RUNNING;
          container.state = wasRunning ? State.EXITED : container.state;
          return wasRunning;
        });
  }

  @Override
  public synchronized Future<StartOutcome> awaitStart(ExAppName name) {
    var container = containers.get(name.container());
    if (container == null) {
      return Future.succeededFuture(
          new StartOutcome(false, "not_found", null, "container not found"));
    }
    if (container.state != State.CREATED) {
      return Future.succeededFuture(outcome(container));
    }
    var promise = Promise.<StartOutcome>promise();
    waiting.computeIfAbsent(name.container(), key -> new ArrayList<>()).add(promise);
    return promise.future();
  }

  private static StartOutcome outcome(Container container) {
    return container.state == State.RUNNING
        ? new StartOutcome(true, "running", null, null)
        : new StartOutcome(false, "exited", null, "non-recoverable state: exited");
  }

  @Override
  public Future<Void> remove(ExAppName name, boolean removeData) {
    return this.<Void>order(
        () -> {
          containers.remove(name.container());
          if (removeData && isUsed(name.volume())) {
            throw new HarpException(CONFLICT, "volume " + name.volume() + ": it is in use");
          }
          if (removeData) {
            volumes.remove(name.volume());
          }
          return null;
        });
  }

  private boolean isUsed(String volume) {
    return containers.values().stream().anyMatch(one -> one.spec.name().volume().equals(volume));
  }

  @Override
  public Future<ImageRemoval> removeImage(String imageRef) {
    return order(
        () -> {
          if (!endsByImage.containsKey(imageRef)) {
            return new ImageRemoval(true, 0, "not_found");
          }
          if (containers.values().stream().anyMatch(one -> one.spec.image().equals(imageRef))) {
            return new ImageRemoval(false, 0, "in_use");
          }
          endsByImage.remove(imageRef);
          return new ImageRemoval(true, 0, null);
        });
  }

  @Override
  public Future<Void> installCertificates(ExAppName name, CertificateInstallation installation) {
    return this.<Void>order(
        () -> {
          require(name).installed.add(installation);
          return null;
        });
  }

  private Container require(ExAppName name) {
    var container = containers.get(name.container());
    if (container == null) {
      throw new HarpException(NOT_FOUND, "container " + name.container() + ": there is none");
    }
    return container;
  }

  private synchronized <T> Future<T> order(Supplier<T> order) {
    try {
      return Future.succeededFuture(order.get());
    } catch (HarpException e) {
      return Future.failedFuture(e);
    }
  }
}
