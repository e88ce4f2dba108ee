// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.core.notice.SeldomNotices;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which order a method and a path mean. Filled while it is built, immutable in effect afterwards.
 */
final class OrderRoutes {

  /** Stands for one segment at the end of a path. */
  static final String ANY_SEGMENT = "*";

  private static final Logger LOG = LoggerFactory.getLogger(OrderRoutes.class);
  private static final int MOST_OF_A_PATH = 200;

  private final SeldomNotices notices = new SeldomNotices(Ticker.systemTicker());
  private final Map<String, Map<String, Order>> orders = new HashMap<>();

  OrderRoutes get(String path, Order order) {
    return add("GET", path, order).add("HEAD", path, order);
  }

  OrderRoutes post(String path, Order order) {
    return add("POST", path, order);
  }

  OrderRoutes delete(String path, Order order) {
    return add("DELETE", path, order);
  }

  /** Runs the order; 404 or 405 when there is none. */
  Future<ControlAnswer> run(ControlRequest request) {
    var byMethod = find(request.path());
    if (byMethod.isEmpty()) {
      tellOfWrongPath(request);
      return Future.succeededFuture(ControlAnswer.text(404, "404: Not Found"));
    }
    var order = byMethod.get().get(request.head().method());
    return order == null
        ? Future.succeededFuture(methodNotAllowed(byMethod.get()))
        : order.run(request);
  }

  /** Whoever has the key is no stranger who guesses: something is configured wrongly. */
  private void tellOfWrongPath(ControlRequest request) {
    var shown = Excerpt.of(request.path(), MOST_OF_A_PATH);
    if (notices.isNew(shown)) {
      LOG.warn(
          "found an order {} {}, which there is not: expected one of AppAPI's",
          request.head().method(),
          shown);
    }
  }

  private OrderRoutes add(String method, String path, Order order) {
    orders.computeIfAbsent(path, absent -> new TreeMap<>()).put(method, order);
    return this;
  }

  private Optional<Map<String, Order>> find(String path) {
    var exact = orders.get(path);
    var lastSlash = path.lastIndexOf('/');
    if (exact != null || lastSlash < 0 || lastSlash == path.length() - 1) {
      return Optional.ofNullable(exact);
    }
    return Optional.ofNullable(orders.get(path.substring(0, lastSlash + 1) + ANY_SEGMENT));
  }

  private static ControlAnswer methodNotAllowed(Map<String, Order> byMethod) {
    var allowed = String.join(",", new TreeSet<>(byMethod.keySet()));
    return ControlAnswer.text(405, "405: Method Not Allowed").with("allow", allowed);
  }
}
