// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import io.github.harp.core.HarpException;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.proxy.question.QuestionClient;
import io.github.harp.proxy.question.QuestionLimits;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.TrustOptions;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What commands and the doctor ask others with: the event loops and names of a gateway, or a loop
 * and names of their own. Used by one thread.
 */
public final class Outside implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Outside.class);
  private static final long CLOSING_SECONDS = 5;

  private final Vertx vertx;
  private final HostNames names;
  private final List<AutoCloseable> parts = new ArrayList<>();

  private Outside(Vertx vertx, HostNames names) {
    this.vertx = vertx;
    this.names = names;
  }

  /** With what a gateway has, which stays open. */
  public static Outside of(Vertx vertx, HostNames names) {
    return new Outside(vertx, names);
  }

  /** For a process without a gateway: one event loop that needs no native library. */
  public static Outside start() {
    var vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(1)
                    .setWorkerPoolSize(1)
                    .setFileSystemOptions(
                        new FileSystemOptions().setClassPathResolvingEnabled(false)))
            .withTransport(Transport.NIO)
            .build();
    var names = new DnsHostNames(((VertxInternal) vertx).nettyEventLoopGroup());
    var outside = new Outside(vertx, names);
    outside.parts.add(() -> closeInTime(vertx));
    outside.parts.add(names);
    return outside;
  }

  /**
   * All that was to be asked has been; what takes longer on a busy machine ends with the process.
   */
  private static void closeInTime(Vertx vertx) throws Exception {
    try {
      var closed = vertx.close().toCompletionStage().toCompletableFuture();
      closed.get(CLOSING_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      LOG.debug("the event loop of this command is still closing", late);
    }
  }

  /**
   * A client that ends with this.
   *
   * @param trust null for the certificate authorities of the Java runtime
   */
  public QuestionClient client(QuestionLimits limits, @Nullable TrustOptions trust) {
    var client = new QuestionClient(vertx, names, limits, trust);
    parts.add(client::close);
    return client;
  }

  /** Connects to a listener and leaves again; says in the exception why that can't be done. */
  public void knock(ListenAddress listener, Duration patience) throws IOException {
    var addresses = addresses(listener.host());
    var failure = new IOException("no address");
    for (var address : addresses) {
      try (var socket = new Socket(Proxy.NO_PROXY)) {
        int millis = (int) patience.toMillis() / addresses.size();
        socket.connect(new InetSocketAddress(address, listener.port()), millis);
        return;
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  private List<InetAddress> addresses(String host) throws IOException {
    try {
      return answerOf(names.resolve(host));
    } catch (HarpException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Waits for an answer that is known to come or fail in time. */
  static <T> T answerOf(Future<T> question) {
    try {
      return question.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    for (int i = parts.size() - 1; i >= 0; i--) {
      try {
        parts.get(i).close();
      } catch (Exception e) {
        throw new IllegalStateException("can't be closed: " + e.getMessage(), e);
      }
    }
  }
}
