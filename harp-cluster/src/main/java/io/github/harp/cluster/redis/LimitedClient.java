// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.internal.net.NetClientInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connections of a client of Redis such that answers have a limit: the client itself
 * makes room for whatever a server announces.
 */
final class LimitedClient extends VertxWrapper {

  private static final long LEAST_BYTES = 8 * 1024 * 1024;
  private static final long MOST_BYTES = 64 * 1024 * 1024;
  private static final int PART_OF_HEAP = 16;

  /** Of one answer. */
  static final long MAX_BYTES =
      Math.max(LEAST_BYTES, Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / PART_OF_HEAP));

  private final Runnable exceeded;

  /**
   * @param exceeded called when a connection ends for that
   */
  LimitedClient(VertxInternal vertx, Runnable exceeded) {
    super(vertx);
    this.exceeded = exceeded;
  }

  @Override
  public NetClient createNetClient(NetClientOptions options) {
    var client = (NetClientInternal) super.createNetClient(options);
    return proxy(
        NetClientInternal.class,
        client,
        "connectInternal",
        arguments -> {
          connect(client, (ConnectOptions) arguments[0], promise(arguments[1]), arguments[2]);
          return null;
        });
  }

  @SuppressWarnings("unchecked")
  private static Promise<NetSocket> promise(Object argument) {
    return (Promise<NetSocket>) argument;
  }

  private void connect(
      NetClientInternal client, ConnectOptions options, Promise<NetSocket> told, Object context) {
    var on = (ContextInternal) context;
    Promise<NetSocket> connected = on.promise();
    client.connectInternal(options, connected, on);
    connected.future().map(this::limited).onComplete(told);
  }

  @SuppressWarnings("unchecked")
  private NetSocket limited(NetSocket socket) {
    return proxy(
        NetSocketInternal.class,
        (NetSocketInternal) socket,
        "handler",
        arguments -> {
          var parser = (Handler<Buffer>) arguments[0];
          return socket.handler(parser == null ? null : limits(parser, socket));
        });
  }

  private AnswerLimits limits(Handler<Buffer> parser, NetSocket socket) {
    return new AnswerLimits(
        parser,
        MAX_BYTES,
        () -> {
          exceeded.run();
          socket.close();
        });
  }

  private interface Instead {
    @Nullable Object of(Object[] arguments);
  }

  /** The same, but for one method. */
  private static <T> T proxy(Class<T> type, T of, String method, Instead instead) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, called, arguments) -> {
              if (called.getName().equals(method)) {
                return instead.of(arguments);
              }
              try {
                return called.invoke(of, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
