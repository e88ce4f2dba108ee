// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** One download of as many MiB as are asked for, made as fast as they are taken. */
final class Download {

  private static final int MOST_MIB = 1024;
  private static final Buffer CHUNK = Buffer.buffer("0123456789abcde\n".repeat(4096));

  private final HttpServerResponse response;
  private long left;

  Download(RoutingContext context) {
    this.response = context.response();
    this.left = mib(context.request().getParam("mib", "10")) << 20;
  }

  void send() {
    response
        .putHeader("content-type", "application/octet-stream")
        .putHeader("content-length", String.valueOf(left))
        .putHeader("content-disposition", "attachment; filename=\"harp-demo.bin\"")
        .drainHandler(drained -> write());
    write();
  }

  private void write() {
    while (left > 0 && !response.writeQueueFull()) {
      response.write(CHUNK);
      left -= CHUNK.length();
    }
    if (left == 0) {
      left = -1;
      response.end();
    }
  }

  private static long mib(String text) {
    return text.matches("\\d{1,4}") ? Math.min(MOST_MIB, Integer.parseInt(text)) : 10;
  }
}
