// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.KubernetesName;
import io.github.harp.core.runtime.Place;
import io.github.harp.proxy.control.body.ExposeOrder;
import io.github.harp.proxy.control.body.OrderBody;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /k8s/exapp/expose}: makes an ExApp reachable and remembers where. */
final class ExposeOrders {

  private static final Logger LOG = LoggerFactory.getLogger(ExposeOrders.class);

  private final ExAppRuntimes runtimes;
  private final String namespace;

  ExposeOrders(ExAppRuntimes runtimes, String namespace) {
    this.runtimes = runtimes;
    this.namespace = namespace;
  }

  void register(OrderRoutes routes) {
    routes.post(ExAppPath.CLUSTER_ORDERS + "exapp/expose", this::expose);
  }

  private Future<ControlAnswer> expose(ControlRequest request) {
    var exposure = ExposeOrder.read(OrderBody.of(request.body()), request.instance().containers());
    var id = exposure.name().id().inLowerCase();
    return address(exposure)
        .compose(
            address ->
                record(request.instance().nextcloud(), id)
                    .map(
                        exApp -> {
                          request.instance().records().put(exApp.inClusterAt(address));
                          return ControlAnswer.json(200, json(id, exposure, address));
                        }));
  }

  /** By hand it needs no cluster; one that is there is told, so that it remembers. */
  private Future<ExAppAddress> address(Exposure exposure) {
    return exposure
        .byHand()
        .map(
            address ->
                inCluster(exposure)
                    .transform(
                        told -> {
                          if (told.failed()) {
                            LOG.info(
                                "ExApp {}: reached at {}; no cluster knows of it: {}",
                                exposure.name().id(),
                                address,
                                HarpException.reasonOf(told.cause()));
                          }
                          return Future.succeededFuture(address);
                        }))
        .orElseGet(() -> inCluster(exposure));
  }

  private Future<ExAppAddress> inCluster(Exposure exposure) {
    return Future.succeededFuture(Place.CLUSTER)
        .compose(place -> runtimes.at(place).expose(exposure));
  }

  private static Future<ExApp> record(Nextcloud nextcloud, AppId id) {
    return nextcloud
        .exApp(id)
        .recover(
            failure ->
                Future.failedFuture(
                    new HarpException(
                        Code.UNREACHABLE,
                        "ExApp '" + id + "' was not looked up: " + HarpException.reasonOf(failure),
                        failure)))
        .map(
            found ->
                found.orElseThrow(
                    () ->
                        new HarpException(
                            Code.NOT_FOUND, "ExApp '" + id + "' is unknown to Nextcloud")));
  }

  private JsonObject json(AppId id, Exposure exposure, ExAppAddress address) {
    return new JsonObject()
        .put("appId", id.text())
        .put("host", address.host())
        .put("port", address.port())
        .put("exposeType", exposure.type().name().toLowerCase(Locale.ROOT))
        .put("serviceName", KubernetesName.of(exposure.name().container()))
        .put("namespace", namespace);
  }
}
