// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.proxy.control.body.CreateOrder;
import io.github.harp.proxy.control.body.OrderBody;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders about containers, given to the runtime at their place. What is wrong with an order's text
 * is said before what is wrong with its place.
 */
final class ContainerOrders {

  private static final Logger LOG = LoggerFactory.getLogger(ContainerOrders.class);

  private final String prefix;
  private final Function<ControlRequest, Place> placeOf;
  private final ExAppRuntimes runtimes;
  private final ExAppCredentials credentials;
  private final MountRules mounts;

  /**
   * @param prefix below which the orders are
   * @param placeOf where an order is to be carried out
   * @param mounts which folders of an engine's host containers may see
   */
  ContainerOrders(
      String prefix,
      Function<ControlRequest, Place> placeOf,
      ExAppRuntimes runtimes,
      ExAppCredentials credentials,
      MountRules mounts) {
    this.prefix = prefix;
    this.placeOf = placeOf;
    this.runtimes = runtimes;
    this.credentials = credentials;
    this.mounts = mounts;
  }

  ContainerOrders register(OrderRoutes routes) {
    routes
        .post(prefix + "exists", this::exists)
        .post(prefix + "create", this::create)
        .post(prefix + "start", this::start)
        .post(prefix + "stop", this::stop)
        .post(prefix + "wait_for_start", this::awaitStart)
        .post(prefix + "remove", this::remove)
        .post(prefix + "install_certificates", this::installCertificates);
    return this;
  }

  /** Where images are kept. */
  void registerImages(OrderRoutes routes) {
    routes.post(prefix + "image_remove", this::removeImage);
  }

  private Future<ControlAnswer> exists(ControlRequest request) {
    var place = placeOf.apply(request);
    var name = name(request);
    return runtimes
        .at(place)
        .find(name)
        .map(
            found -> {
              var json = new JsonObject().put("exists", found.isPresent());
              found.ifPresent(
                  it -> place.fold(engine -> json.put("image_ref", it.imageRef()), () -> json));
              return ControlAnswer.json(200, json);
            });
  }

  private Future<ControlAnswer> create(ControlRequest request) {
    var place = placeOf.apply(request);
    var order = CreateOrder.read(OrderBody.of(request.body()), request.instance().containers());
    return credentials
        .ready()
        .compose(
            ready ->
                place.fold(
                    engine -> runtimes.at(place).create(order.onEngine(mounts, credentials)),
                    () -> create(order.inCluster(credentials), order)))
        .map(
            created -> {
              var json = new JsonObject();
              if (!created.id().isEmpty()) {
                json.put("id", created.id());
              }
              return ControlAnswer.json(201, json.put("name", created.name()));
            });
  }

  private Future<Deployed> create(ExAppSpec spec, CreateOrder order) {
    var runtime = runtimes.at(Place.CLUSTER);
    if (!order.options().mounts().isEmpty()) {
      LOG.warn(
          "{}: {} is created without the folders {}: a cluster has none of a host to give",
          Place.CLUSTER,
          spec.name().container(),
          order.options().mounts());
    }
    return runtime.create(spec);
  }

  private Future<ControlAnswer> start(ControlRequest request) {
    return change(request, ExAppRuntime::start, "running already");
  }

  private Future<ControlAnswer> stop(ControlRequest request) {
    return change(request, ExAppRuntime::stop, "stopped already");
  }

  private interface Change {
    Future<Boolean> order(ExAppRuntime runtime, ExAppName name);
  }

  /** AppAPI takes 200 for 'it was so already' from an engine, and does not know it of a cluster. */
  private Future<ControlAnswer> change(ControlRequest request, Change change, String unchanged) {
    var place = placeOf.apply(request);
    var name = name(request);
    return change
        .order(runtimes.at(place), name)
        .map(
            changed ->
                changed || place.equals(Place.CLUSTER)
                    ? ControlAnswer.noContent()
                    : ControlAnswer.text(200, unchanged));
  }

  private Future<ControlAnswer> awaitStart(ControlRequest request) {
    var place = placeOf.apply(request);
    var name = name(request);
    return runtimes
        .at(place)
        .awaitStart(name)
        .map(outcome -> ControlAnswer.json(200, json(place, outcome)));
  }

  private Future<ControlAnswer> remove(ControlRequest request) {
    var place = placeOf.apply(request);
    var body = OrderBody.of(request.body());
    var name = OrderBody.name(body, request.instance().containers());
    var removeData = body.bool("remove_data", false);
    return runtimes.at(place).remove(name, removeData).map(done -> ControlAnswer.noContent());
  }

  private Future<ControlAnswer> removeImage(ControlRequest request) {
    var place = placeOf.apply(request);
    var image = OrderBody.imageReference(OrderBody.of(request.body()), "image_ref");
    return runtimes
        .at(place)
        .removeImage(image)
        .map(
            removal -> {
              var json = new JsonObject().put("deleted", removal.deleted());
              if (removal.deleted()) {
                json.put("bytes_freed", removal.bytesFreed());
              }
              if (removal.reason() != null) {
                json.put("reason", removal.reason());
              }
              return ControlAnswer.json(200, json);
            });
  }

  /** A cluster's ExApps get theirs from the cluster: there a valid order is done at once. */
  private Future<ControlAnswer> installCertificates(ControlRequest request) {
    var place = placeOf.apply(request);
    var body = OrderBody.of(request.body());
    var name = OrderBody.name(body, request.instance().containers());
    var certificates = OrderBody.certificates(body);
    return place
        .fold(
            engine -> runtimes.at(place).installCertificates(name, certificates),
            () -> Future.<Void>succeededFuture())
        .map(done -> ControlAnswer.noContent());
  }

  private static ExAppName name(ControlRequest request) {
    return OrderBody.name(OrderBody.of(request.body()), request.instance().containers());
  }

  private static JsonObject json(Place place, StartOutcome outcome) {
    var json =
        new JsonObject()
            .put("started", outcome.started())
            .put("status", outcome.status())
            .put("health", outcome.health());
    return place.fold(
        engine -> outcome.reason() == null ? json : json.put("reason", outcome.reason()),
        () -> json.put("reason", outcome.reason()).put("message", outcome.message()));
  }
}
