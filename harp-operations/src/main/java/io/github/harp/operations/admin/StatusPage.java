// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files of the status page, which say nothing of the gateway: what they show they ask for.
 * Nothing comes from elsewhere, no script stands in the page, and nobody may put it in a frame.
 */
final class StatusPage {

  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  private record Part(String type, String resource) {}

  private static final Map<String, Part> PARTS =
      Map.of(
          "/", new Part(HTML, "page/index.html"),
          "/page.js", new Part(SCRIPT, "page/page.js"),
          "/page.css", new Part(STYLE, "page/page.css"),
          "/icon.svg", new Part("image/svg+xml", "page/icon.svg"),
          "/uplot.js", new Part(SCRIPT, UPLOT + "uPlot.iife.min.js"),
          "/uplot.css", new Part(STYLE, UPLOT + "uPlot.min.css"));

  /** They are few, and anybody may ask for them. */
  private static final Map<String, Buffer> READ = new ConcurrentHashMap<>();

  private StatusPage() {}

  static void route(Router router) {
    PARTS.forEach((path, part) -> router.get(path).handler(context -> show(context, part)));
  }

  /** What browsers are to keep to, whatever they are answered. */
  static void protect(RoutingContext context) {
    context
        .response()
        .putHeader("content-security-policy", POLICY)
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("x-frame-options", "DENY")
        .putHeader("referrer-policy", "no-referrer")
        .putHeader("cross-origin-opener-policy", "same-origin")
        .putHeader("cross-origin-resource-policy", "same-origin")
        .putHeader("cache-control", "no-store");
    context.next();
  }

  private static void show(RoutingContext context, Part part) {
    var content = READ.computeIfAbsent(part.resource(), StatusPage::read);
    context.response().putHeader("content-type", part.type()).end(content);
  }

  private static Buffer read(String resource) {
    try (var in = StatusPage.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + ": expected in the JAR");
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
