// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExAppRuntime;
import io.github.harp.core.ExAppRuntimes;
import io.github.harp.core.HarpException;
import io.github.harp.core.Place;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ExAppCredentials;
import io.github.harp.core.runtime.ExAppSpec;
import io.github.harp.core.runtime.MountRules;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.proxy.control.body.CreateOrder;
import io.github.harp.proxy.control.body.OrderBody;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;

/** {@code /docker/exapp/*}: orders about containers, given to the runtime of an engine. */
final class DockerOrders {

  static final String PREFIX = "/docker/exapp/";
  static final String INSTALL_CERTIFICATES = PREFIX + "install_certificates";

  private static final String ENGINE_PORT = "docker-engine-port";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,5}");

  private final ExAppRuntimes runtimes;
  private final ExAppCredentials credentials;
  private final MountRules mounts;

  DockerOrders(ExAppRuntimes runtimes, ExAppCredentials credentials, MountRules mounts) {
    this.runtimes = runtimes;
    this.credentials = credentials;
    this.mounts = mounts;
  }

  void register(OrderRoutes routes) {
    routes
        .post(PREFIX + "exists", this::exists)
        .post(PREFIX + "create", this::create)
        .post(PREFIX + "start", this::start)
        .post(PREFIX + "stop", this::stop)
        .post(PREFIX + "wait_for_start", this::awaitStart)
        .post(PREFIX + "remove", this::remove)
        .post(PREFIX + "image_remove", this::removeImage)
        .post(INSTALL_CERTIFICATES, this::installCertificates);
  }

  private Future<ControlAnswer> exists(ControlRequest request) {
    var engine = engine(request);
    var name = OrderBody.name(OrderBody.of(request));
    return runtime(engine)
        .find(name)
        .map(
            found ->
                found.isEmpty()
                    ? new JsonObject().put("exists", false)
                    : new JsonObject().put("exists", true).put("image_ref", found.get().imageRef()))
        .map(json -> ControlAnswer.json(200, json));
  }

  private Future<ControlAnswer> create(ControlRequest request) {
    var engine = engine(request);
    var order = CreateOrder.read(OrderBody.of(request));
    return credentials
        .ready()
        .compose(ready -> create(engine, order.spec(mounts, credentials)))
        .map(
            created ->
                ControlAnswer.json(
                    201, new JsonObject().put("id", created.id()).put("name", created.name())));
  }

  private Future<Deployed> create(EngineNumber engine, ExAppSpec spec) {
    return runtime(engine).create(spec);
  }

  private Future<ControlAnswer> start(ControlRequest request) {
    var engine = engine(request);
    var name = OrderBody.name(OrderBody.of(request));
    return runtime(engine).start(name).map(changed -> done(changed, "running already"));
  }

  private Future<ControlAnswer> stop(ControlRequest request) {
    var engine = engine(request);
    var name = OrderBody.name(OrderBody.of(request));
    return runtime(engine).stop(name).map(changed -> done(changed, "stopped already"));
  }

  private Future<ControlAnswer> awaitStart(ControlRequest request) {
    var engine = engine(request);
    var name = OrderBody.name(OrderBody.of(request));
    return runtime(engine).awaitStart(name).map(outcome -> ControlAnswer.json(200, json(outcome)));
  }

  private Future<ControlAnswer> remove(ControlRequest request) {
    var engine = engine(request);
    var body = OrderBody.of(request);
    var name = OrderBody.name(body);
    var removeData = body.bool("remove_data", false);
    return runtime(engine).remove(name, removeData).map(removed -> ControlAnswer.noContent());
  }

  private Future<ControlAnswer> removeImage(ControlRequest request) {
    var engine = engine(request);
    var body = OrderBody.of(request);
    var image = OrderBody.imageReference(body, "image_ref");
    return runtime(engine)
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

  private Future<ControlAnswer> installCertificates(ControlRequest request) {
    var engine = engine(request);
    var body = OrderBody.of(request);
    var name = OrderBody.name(body);
    return runtime(engine)
        .installCertificates(name, OrderBody.certificates(body))
        .map(installed -> ControlAnswer.noContent());
  }

  private ExAppRuntime runtime(EngineNumber engine) {
    return runtimes.at(Place.engine(engine));
  }

  /** AppAPI's deployment takes 200 for a failure of its own, and 204 for success. */
  private static ControlAnswer done(boolean changed, String unchanged) {
    return changed ? ControlAnswer.noContent() : ControlAnswer.text(200, unchanged);
  }

  private static JsonObject json(StartOutcome outcome) {
    var json =
        new JsonObject()
            .put("started", outcome.started())
            .put("status", outcome.status())
            .put("health", outcome.health());
    return outcome.reason() == null ? json : json.put("reason", outcome.reason());
  }

  private static EngineNumber engine(ControlRequest request) {
    var text = request.head().header(ENGINE_PORT);
    if (text == null) {
      throw badPort("missing");
    }
    var port = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535) {
      throw badPort("not a port");
    }
    return EngineNumber.of(port)
        .orElseThrow(
            () ->
                new HarpException(
                    HarpException.Code.UNREACHABLE,
                    "engine "
                        + port
                        + " is not connected: engines have numbers "
                        + EngineNumber.RANGE));
  }

  private static HarpException badPort(String found) {
    return new HarpException(
        HarpException.Code.BAD_REQUEST,
        "header " + ENGINE_PORT + ": " + found + ", expected an integer from 1 to 65535");
  }
}
