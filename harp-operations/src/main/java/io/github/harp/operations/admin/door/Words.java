// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin.door;

import io.netty.handler.codec.http.HttpStatusClass;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Answers in JSON. */
public final class Words {

  private static final String JSON = "application/json; charset=utf-8";

  private Words() {}

  public static void json(RoutingContext context, JsonObject body) {
    context.response().putHeader("content-type", JSON).end(body.toBuffer());
  }

  /** One that says only how it went. */
  public static void say(RoutingContext context, int status, String words) {
    context.response().setStatusCode(status);
    json(context, new JsonObject().put("status", words));
  }

  /** Whoever goes away in the middle of a request, or sends nonsense, is nothing to write down. */
  public static void failed(RoutingContext context) {
    var isTheirs = HttpStatusClass.valueOf(context.statusCode()) == HttpStatusClass.CLIENT_ERROR;
    if (isTheirs) {
      say(context, context.statusCode(), "expected another request");
    } else if (!(context.failure() instanceof HttpClosedException)) {
      context.next();
    }
  }
}
