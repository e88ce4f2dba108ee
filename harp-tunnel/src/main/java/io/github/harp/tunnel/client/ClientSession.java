// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.TunnelClientOptions;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.V1Codec;
import io.github.harp.tunnel.frp.v2.V2Codec;
import io.github.harp.tunnel.yamux.YamuxOptions;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One login at the server and everything that hangs on it, from dialling until it ends; it ends
 * once. On one event loop.
 */
final class ClientSession implements ControlConnection.Events {

  private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);

  /**
   * A server needs a pool and a replacement per user; one that asks for more than this is out of
   * order.
   */
  private static final int MAX_CONNECTIONS = 2_000;

  interface Owner {
    void loggedIn(String runId);

    void ended(String reason);
  }

  private final TunnelClientOptions options;
  private final ServerDialer dialer;
  private final Connector connector;
  private final ProxyOffers offers;
  private final Clock clock;
  private final Owner owner;
  private final EventLoop loop;
  private final ChannelGroup connections;
  private @Nullable YamuxSession mux;
  private @Nullable FailureNote note;
  private String runId = "";
  private final SeldomLog seldom = new SeldomLog();
  private int dialling;
  private boolean loggedIn;
  private boolean ended;

  ClientSession(
      TunnelClientOptions options,
      EventLoop loop,
      ServerDialer dialer,
      Connector connector,
      ProxyOffers offers,
      Clock clock,
      Owner owner) {
    this.options = options;
    this.dialer = dialer;
    this.connector = connector;
    this.offers = offers;
    this.clock = clock;
    this.owner = owner;
    this.loop = loop;
    this.connections = new DefaultChannelGroup(loop);
  }

  /** Dials and logs in, with the id of an earlier session or an empty one. */
  void start(String earlierRunId) {
    runId = earlierRunId;
    dialer
        .dial()
        .addListener(
            (Future<Channel> dialled) -> {
              if (!dialled.isSuccess()) {
                failed(
                    "%s:%d cannot be reached: %s"
                        .formatted(
                            options.serverAddress(),
                            options.serverPort(),
                            FailureNote.describe(dialled.cause())));
              } else if (ended) {
                dialled.getNow().close();
              } else {
                logIn(dialled.getNow());
              }
            });
  }

  private void logIn(Channel connection) {
    connections.add(connection);
    note = connection.pipeline().get(FailureNote.class);
    connection.closeFuture().addListener(closed -> failed("the server closed the connection"));
    var control = new ControlConnection(options, runId, clock, this);
    if (!options.tcpMux()) {
      connection.pipeline().addLast(newCodec(), control);
      return;
    }
    var usual = new YamuxOptions();
    var session =
        YamuxSession.client(
            new YamuxOptions(
                MAX_CONNECTIONS, usual.budgetBytes(), options.muxKeepAlive(), usual.heldBytes()));
    mux = session;
    connection.pipeline().addLast(session);
    session
        .openStream(initializer(control))
        .addListener(
            opened -> {
              if (!opened.isSuccess()) {
                failed(FailureNote.describe(opened.cause()));
              }
            });
  }

  private MessageCodec newCodec() {
    return options.wireProtocol() == WireProtocol.V2
        ? V2Codec.client(options.tls().isPresent(), options.tcpMux())
        : new V1Codec();
  }

  private ChannelInitializer<Channel> initializer(ChannelHandler handler) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel stream) {
        stream.pipeline().addLast(newCodec(), handler);
      }
    };
  }

  // ---- what the control connection says

  @Override
  public void loggedIn(ChannelHandlerContext control, String newRunId) {
    runId = newRunId;
    loggedIn = true;
    owner.loggedIn(newRunId);
    offers.offerAll(control.channel());
  }

  @Override
  public void workConnectionWanted() {
    if (ended) {
      return;
    }
    var work = new WorkConnection(runId, options.frpToken(), offers, connector);
    var session = mux;
    if (session == null) {
      dialForWork(work);
      return;
    }
    session
        .openStream(initializer(work))
        .addListener(
            opened -> {
              if (!opened.isSuccess()) {
                report(FailureNote.describe(opened.cause()));
              }
            });
  }

  private void dialForWork(WorkConnection work) {
    if (connections.size() + dialling >= MAX_CONNECTIONS) {
      report("the server has asked for " + MAX_CONNECTIONS + " already");
      return;
    }
    dialling++;
    dialer
        .dial()
        .addListener(
            (Future<Channel> dialled) -> {
              dialling--;
              if (!dialled.isSuccess()) {
                report(FailureNote.describe(dialled.cause()));
              } else if (ended) {
                dialled.getNow().close();
              } else {
                connections.add(dialled.getNow());
                dialled.getNow().pipeline().addLast(newCodec(), work);
              }
            });
  }

  private void report(String reason) {
    if (seldom.isDue()) {
      LOG.warn("a work connection could not be opened: {}", reason);
    }
  }

  @Override
  public void proxyAnswered(Message.NewProxyResp answer) {
    offers.answered(answer);
  }

  // ---- the end

  /** Ends the session from our side. */
  void close() {
    failed("closed");
  }

  @Override
  public void failed(String reason) {
    if (ended) {
      return;
    }
    ended = true;
    if (loggedIn) {
      offers.withdrawAll();
    }
    connections.close();
    // A little later, when a connection that broke has said why.
    loop.execute(() -> owner.ended(note == null ? reason : note.text().orElse(reason)));
  }
}
