// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One upload: weighed and hashed as it comes, never kept. */
final class Upload {

  private final RoutingContext context;
  private final MessageDigest digest;
  private long bytes;

  Upload(RoutingContext context) {
    this.context = context;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java runtime", e);
    }
  }

  void receive() {
    context
        .request()
        .handler(
            chunk -> {
              bytes += chunk.length();
              digest.update(chunk.getBytes());
            })
        .endHandler(end -> answer());
  }

  private void answer() {
    var json =
        new JsonObject()
            .put("bytes", bytes)
            .put("sha256", HexFormat.of().formatHex(digest.digest()));
    context
        .response()
        .putHeader("content-type", "application/json; charset=utf-8")
        .end(json.toBuffer());
  }
}
