// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.MountRules;
import io.vertx.core.Future;
import java.util.function.Function;

/**
 * AppAPI's control API: a route table with one class of handlers for each resource.
 *
 * <p>Whoever calls it has shown the shared key; it authenticates nobody. Orders go on when their
 * caller leaves. Thread-safe.
 *
 * @see <a href="docs/openapi.yaml">the API, every path and answer</a>
 */
public final class ControlApi implements ControlHandler {

  private static final int MAX_BODY_BYTES = 1 << 20;

  /** Twenty times what Debian has. Reading 16 MiB took 80 of a heap of 128. */
  private static final int MAX_CERTIFICATES_BYTES = 4 << 20;

  private static final String ON_ENGINES = ExAppPath.ENGINE_ORDERS + "exapp/";
  private static final String IN_CLUSTER = ExAppPath.CLUSTER_ORDERS + "exapp/";

  private final OrderRoutes routes = new OrderRoutes();

  private ControlApi(Builder builder) {
    new ServiceInfo(builder.runtimes, builder.version).register(routes);
    new ExAppStorage(builder.runtimes).register(routes);
    orders(ON_ENGINES, EnginePlace::of, builder).register(routes).registerImages(routes);
    orders(IN_CLUSTER, request -> Place.CLUSTER, builder).register(routes);
    new ExposeOrders(builder.runtimes, builder.namespace).register(routes);
  }

  private static ContainerOrders orders(
      String prefix, Function<ControlRequest, Place> placeOf, Builder builder) {
    return new ContainerOrders(
        prefix, placeOf, builder.runtimes, builder.credentials, builder.mounts);
  }

  /** A control API without containers until {@link Builder#runtimes} brings some. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public int maxBodyBytes(String path) {
    return path.equals(ON_ENGINES + "install_certificates")
        ? MAX_CERTIFICATES_BYTES
        : MAX_BODY_BYTES;
  }

  @Override
  public Future<ControlAnswer> handle(ControlRequest request) {
    return run(request)
        .recover(failure -> Future.succeededFuture(FailureAnswers.of(request, failure)));
  }

  private Future<ControlAnswer> run(ControlRequest request) {
    var limit = maxBodyBytes(request.path());
    if (request.body().length() > limit) {
      return Future.succeededFuture(
          ControlAnswer.text(413, "413: expected a body of at most " + limit + " bytes"));
    }
    try {
      return routes.run(request);
    } catch (RuntimeException failure) {
      return Future.failedFuture(failure);
    }
  }

  /** Collects what the control API works with. */
  public static final class Builder {

    private ExAppRuntimes runtimes = ExAppRuntimes.none();
    private ExAppCredentials credentials = ExAppCredentials.sharedKey();
    private MountRules mounts = MountRules.none();
    private String version = "unknown";
    private String namespace = "nextcloud-exapps";

    private Builder() {}

    /** What runs containers, and what these get to dial in with. */
    public Builder runtimes(ExAppRuntimes runtimes, ExAppCredentials credentials) {
      this.runtimes = runtimes;
      this.credentials = credentials;
      return this;
    }

    /** Which folders of an engine's host containers may see; none unless given. */
    public Builder mounts(MountRules mounts) {
      this.mounts = mounts;
      return this;
    }

    /** Our own version, as {@code /info} shows it beside the contract's. */
    public Builder version(String version) {
      this.version = version;
      return this;
    }

    /** The Kubernetes namespace that AppAPI is told of; nothing of ours is in it. */
    public Builder namespace(String namespace) {
      this.namespace = namespace;
      return this;
    }

    public ControlApi build() {
      return new ControlApi(this);
    }
  }
}
