// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppRecords;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Nextcloud;
import io.github.harp.proxy.control.body.CreateOrder;
import io.github.harp.proxy.control.body.ExposeOrder;
import io.github.harp.proxy.control.body.KubernetesName;
import io.github.harp.proxy.control.body.OrderBody;
import io.github.harp.proxy.json.JsonFields;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /k8s/exapp/*} without a cluster, as the original answers when Kubernetes is disabled: a
 * wrong body is refused as such, and what needs no cluster works.
 */
final class KubernetesOrders {

  private static final Logger LOG = LoggerFactory.getLogger(KubernetesOrders.class);
  private static final String PREFIX = "/k8s/exapp/";

  private final ExAppRecords records;
  private final Nextcloud nextcloud;
  private final String namespace;

  KubernetesOrders(ExAppRecords records, Nextcloud nextcloud, String namespace) {
    this.records = records;
    this.nextcloud = nextcloud;
    this.namespace = namespace;
  }

  void register(OrderRoutes routes) {
    routes
        .post(PREFIX + "exists", disabled(OrderBody::name))
        .post(PREFIX + "create", disabled(CreateOrder::read))
        .post(PREFIX + "start", disabled(OrderBody::name))
        .post(PREFIX + "stop", disabled(OrderBody::name))
        .post(PREFIX + "wait_for_start", disabled(OrderBody::name))
        .post(PREFIX + "remove", disabled(KubernetesOrders::removal))
        .post(PREFIX + "install_certificates", KubernetesOrders::installCertificates)
        .post(PREFIX + "expose", this::expose);
  }

  private static Order disabled(Consumer<JsonFields> validation) {
    return request -> {
      validation.accept(OrderBody.of(request));
      throw noCluster();
    };
  }

  private static void removal(JsonFields body) {
    OrderBody.name(body);
    body.bool("remove_data", false);
  }

  /** A cluster's ExApps get theirs from the cluster: valid, and nothing to do. */
  private static Future<ControlAnswer> installCertificates(ControlRequest request) {
    var body = OrderBody.of(request);
    OrderBody.name(body);
    OrderBody.certificates(body);
    return Future.succeededFuture(ControlAnswer.noContent());
  }

  private Future<ControlAnswer> expose(ControlRequest request) {
    var order = ExposeOrder.read(OrderBody.of(request));
    if (!order.isManual()) {
      throw noCluster();
    }
    var id = order.name().name().toLowerCase(Locale.ROOT);
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
            found -> {
              var exApp =
                  found.orElseThrow(
                      () ->
                          new HarpException(
                              Code.NOT_FOUND, "ExApp '" + id + "' is unknown to Nextcloud"));
              records.put(at(exApp, order));
              LOG.info("ExApp {}: exposed by hand at {}:{}", id, order.host(), order.port());
              return ControlAnswer.json(200, json(id, order));
            });
  }

  private static ExApp at(ExApp exApp, ExposeOrder order) {
    return new ExApp(
        exApp.id(), exApp.version(), order.host(), order.port(), exApp.token(), exApp.routes());
  }

  private JsonObject json(String id, ExposeOrder order) {
    return new JsonObject()
        .put("appId", id)
        .put("host", order.host())
        .put("port", order.port())
        .put("exposeType", order.type())
        .put("serviceName", KubernetesName.of(order.name().container()))
        .put("namespace", namespace);
  }

  private static HarpException noCluster() {
    return new HarpException(
        Code.UNAVAILABLE, "Kubernetes is not enabled in HaRP: expected a daemon of another type");
  }
}
