// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.github.harp.core.HarpException;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.budget.SparingReads;
import io.github.harp.proxy.exchange.LostExApp;
import io.github.harp.proxy.exchange.RequestHandler;
import io.github.harp.proxy.frontend.connection.ClientConnections;
import io.github.harp.proxy.frontend.connection.ClientFailures;
import io.github.harp.proxy.frontend.connection.ConnectionContext;
import io.github.harp.proxy.frontend.connection.ConnectionLimit;
import io.github.harp.proxy.frontend.http1.Http1Connection;
import io.github.harp.proxy.frontend.http2.Http2Connection;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.LoopResources;
import io.github.harp.proxy.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners and what becomes of the connections that they accept. */
public final class Frontend {

  private static final Logger LOG = LoggerFactory.getLogger(Frontend.class);

  /** One more would wait for the second that TCP lets pass before it knocks again. */
  private static final int BACKLOG = 4096;

  /** So that a newcomer's wait for those before him is not one of many rounds of a busy loop. */
  private static final int ACCEPTED_AT_A_TIME = 256;

  private final HarpProxyOptions options;
  private final EventLoopGroup loops;
  private final RequestObserver observer;
  private final Function<LoopResources, RequestHandler> requests;
  private final FatalErrors errors;
  private final ConnectionLimit limit;
  private final ClientBudget budget = ClientBudget.ofThisProcess();
  private final Map<EventExecutor, ConnectionContext> contexts = new ConcurrentHashMap<>();
  private volatile boolean ending;
  private final List<Channel> listeners = new ArrayList<>();

  /**
   * @param requests makes what handles the requests of one event loop
   */
  public Frontend(
      HarpProxyOptions options,
      EventLoopGroup loops,
      RequestObserver observer,
      FatalErrors errors,
      Function<LoopResources, RequestHandler> requests) {
    this.options = options;
    this.loops = loops;
    this.observer = observer;
    this.requests = requests;
    this.errors = errors;
    this.limit = new ConnectionLimit(options.limits().connections(), errors, this::makeRoom);
  }

  /** Opens a listener for HTTP/1 and HTTP/2 with prior knowledge. */
  public Future<InetSocketAddress> listen(InetSocketAddress address) {
    return bind(
        address,
        channel -> {
          var context = context(channel.eventLoop());
          var http1 = Http1Connection.install(context, channel);
          channel
              .pipeline()
              .addFirst(
                  new PrefaceDetector(
                      () -> {
                        http1.uninstall();
                        Http2Connection.install(context, channel);
                      }));
        });
  }

  /** Opens a listener for HTTPS, which closes all connections while the certificate is broken. */
  public Future<InetSocketAddress> listenTls(
      InetSocketAddress address, TlsCertificate certificate) {
    return bind(
        address,
        channel -> {
          var context = certificate.context();
          if (context == null) {
            channel.close();
            return;
          }
          var tls = context.newHandler(channel.alloc());
          tls.setHandshakeTimeoutMillis(options.timeouts().client().toMillis());
          var connections = context(channel.eventLoop());
          channel
              .pipeline()
              .addLast(
                  new UnfinishedTls(channel, tls, connections.loop()),
                  tls,
                  new ProtocolChoice(connections, channel));
        });
  }

  private Future<InetSocketAddress> bind(InetSocketAddress address, Consumer<Channel> initializer) {
    Promise<InetSocketAddress> bound = Promise.promise();
    var transport = Transport.of(loops);
    var channel =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.RCVBUF_ALLOCATOR, acceptsMany())
            .handler(limit)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    // Asked early, the channel remembers it; a client that has gone has none.
                    if (accepted.remoteAddress() == null) {
                      accepted.close();
                    } else {
                      transport.keepLittleUnsent(accepted);
                      SparingReads.install(accepted, budget);
                      initializer.accept(accepted);
                    }
                  }
                })
            .bind(address);
    channel.addListener(
        done -> {
          if (done.isSuccess()) {
            synchronized (listeners) {
              listeners.add(channel.channel());
            }
            bound.complete((InetSocketAddress) channel.channel().localAddress());
          } else {
            bound.fail(cantListen(address, done.cause()));
          }
        });
    return bound.future();
  }

  private static RecvByteBufAllocator acceptsMany() {
    // Else epoll accepts one: it compares the socket's number with the bytes that it asked for.
    return new ServerChannelRecvByteBufAllocator()
        .respectMaybeMoreData(false)
        .maxMessagesPerRead(ACCEPTED_AT_A_TIME);
  }

  private static Exception cantListen(InetSocketAddress address, Throwable cause) {
    var shown = NetUtil.toSocketAddressString(address);
    var reason = HarpException.reasonOf(cause);
    return new IllegalStateException("can't listen on " + shown + ": " + reason, cause);
  }

  private ConnectionContext context(EventLoop loop) {
    return contexts.computeIfAbsent(
        loop,
        key -> {
          var resources = new LoopResources(loop, options.timeouts(), budget, errors);
          var connections = new ClientConnections(loop);
          if (ending) {
            connections.announceEnd();
          }
          return new ConnectionContext(
              options, resources, requests.apply(resources), observer, connections, limit);
        });
  }

  private void makeRoom(double share) {
    for (var context : contexts.values()) {
      context.loop().loop().execute(() -> context.connections().closeIdle(share));
    }
  }

  /** What clients make us keep. */
  public ClientBudget budget() {
    return budget;
  }

  public int openConnections() {
    return limit.open();
  }

  /** Ends everything that is open to an ExApp: nothing is decided about it any more. */
  public void outOfService(LostExApp exApp) {
    for (var context : contexts.values()) {
      context.loop().loop().execute(() -> context.connections().outOfService(exApp));
    }
  }

  /** Answers say from now on that their connection closes. */
  public void announceEnd() {
    ending = true;
    contexts.values().forEach(context -> context.connections().announceEnd());
  }

  /** Closes the listeners; then lets requests end, and at the end of the grace cuts the rest. */
  public Future<Void> stop(Duration grace) {
    announceEnd();
    List<Future<Void>> closing;
    synchronized (listeners) {
      closing = listeners.stream().map(Frontend::closed).toList();
    }
    return Future.join(closing)
        .compose(
            closed ->
                Future.join(
                    StreamSupport.stream(loops.spliterator(), false)
                        .map(loop -> ended(loop, grace))
                        .toList()))
        .mapEmpty();
  }

  /**
   * Waits behind what was accepted last, on a loop that has had no connection before perhaps: it
   * would stay open for as long as the loops run.
   */
  private Future<Void> ended(EventExecutor loop, Duration grace) {
    Promise<Void> promise = Promise.promise();
    loop.execute(
        () -> {
          var context = contexts.get(loop);
          if (context == null) {
            promise.complete();
          } else {
            context
                .connections()
                .finish(grace)
                .onComplete(done -> context.requests().close())
                .onComplete(promise);
          }
        });
    return promise.future();
  }

  private static Future<Void> closed(Channel channel) {
    Promise<Void> promise = Promise.promise();
    channel.close().addListener(done -> promise.complete());
    return promise.future();
  }

  /** HTTP/1 or HTTP/2, as the TLS handshake has agreed on. */
  private static final class ProtocolChoice extends ApplicationProtocolNegotiationHandler {

    private final ConnectionContext context;
    private final Handshake handshake;

    ProtocolChoice(ConnectionContext context, Channel channel) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.context = context;
      this.handshake = new Handshake(channel, System.nanoTime());
      context.connections().add(handshake);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, @Nullable String protocol) {
      context.connections().remove(handshake);
      if (ApplicationProtocolNames.HTTP_2.equals(protocol)) {
        Http2Connection.install(context, ctx.channel());
      } else {
        Http1Connection.install(context, ctx.channel());
      }
    }

    /** A handshake that fails is the client's affair; stays here for what else may go wrong. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      context.loop().errors().look(cause);
      if (!ClientFailures.isOrdinary(cause)) {
        LOG.warn("a TLS connection is closed because of a failure in its handling", cause);
      }
      ctx.close();
    }
  }

  /** A connection that has not begun: of no use yet. */
  private record Handshake(Channel channel, long began) implements ClientConnections.Endable {

    @Override
    public void finishUp() {
      channel.close();
    }

    @Override
    public boolean isOnlyEndless() {
      return true;
    }

    @Override
    public long idleSince() {
      return began;
    }

    @Override
    public void outOfService(LostExApp exApp) {}

    @Override
    public void cut() {
      channel.close();
    }
  }
}
