// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.PromiseInternal;

/** Futures of Netty as those of Vert.x. */
public final class NettyFutures {

  private NettyFutures() {}

  /** Completes with the other, on its thread. */
  public static <T> Future<T> asVertx(io.netty.util.concurrent.Future<T> future) {
    var promise = (PromiseInternal<T>) Promise.<T>promise();
    future.addListener(promise);
    return promise.future();
  }
}
