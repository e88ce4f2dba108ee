// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.dial.Connector;
import io.github.harp.tunnel.client.dial.FailureNote;
import io.github.harp.tunnel.client.dial.ServerDialer;
import io.github.harp.tunnel.client.straight.Introducer;
import io.github.harp.tunnel.client.straight.StraightOwner;
import io.github.harp.tunnel.client.visit.ServerSession;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.ServerMessage;
import io.github.harp.tunnel.frp.V1Codec;
import io.github.harp.tunnel.frp.v2.V2Codec;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Clock;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One login at the server and everything that hangs on it, from dialling until it ends; it ends
 * once. On one event loop.
 */
final class ServerLogin implements ControlConnection.Events, ServerSession {

  private static final Logger LOG = LoggerFactory.getLogger(ServerLogin.class);

  interface Owner {
    void loggedIn(ServerLogin session);

    void ended(String reason);
  }

  private final TunnelClientOptions options;
  private final ServerDialer dialer;
  private final Connector connector;
  private final ProxyOffers offers;
  private final StraightOwner straight;
  private final Clock clock;
  private final Owner owner;
  private final EventLoop loop;
  private final FailureNote note = new FailureNote();
  private final SeldomLog seldom = new SeldomLog();
  private @Nullable Carrier carrier;
  private @Nullable Introducer introducer;
  private String runId = "";
  private boolean loggedIn;
  private boolean ended;

  ServerLogin(
      TunnelClientOptions options,
      EventLoop loop,
      ServerDialer dialer,
      Connector connector,
      ProxyOffers offers,
      StraightOwner straight,
      Clock clock,
      Owner owner) {
    this.options = options;
    this.dialer = dialer;
    this.connector = connector;
    this.offers = offers;
    this.straight = straight;
    this.clock = clock;
    this.owner = owner;
    this.loop = loop;
  }

  /** Dials and logs in, with the id of an earlier session or an empty one. */
  void start(String earlierRunId) {
    runId = earlierRunId;
    dialer
        .dial(note)
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
                logIn(dialer.carrierOn(dialled.getNow()));
              }
            });
  }

  private void logIn(Carrier made) {
    carrier = made;
    made.closed().addListener(closed -> failed("the server closed the connection"));
    open(made, new ControlConnection(options, runId, clock, this), this::failed);
  }

  private void open(Carrier on, ChannelHandler handler, Consumer<String> failed) {
    var initializer =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel stream) {
            stream.pipeline().addLast(codecIn(on), handler);
          }
        };
    on.openStream(initializer)
        .addListener(
            opened -> {
              if (!opened.isSuccess()) {
                failed.accept(FailureNote.describe(opened.cause()));
              }
            });
  }

  private MessageCodec codecIn(Carrier streams) {
    return options.wireProtocol() == WireProtocol.V2
        ? V2Codec.client(streams.isEncrypted(), streams.isMultiplexed())
        : new V1Codec();
  }

  // ---- what the control connection says

  @Override
  public void loggedIn(ChannelHandlerContext control, String newRunId) {
    runId = newRunId;
    loggedIn = true;
    introducer = new Introducer(control.channel(), clock);
    owner.loggedIn(this);
    offers.offerAll(control.channel());
  }

  @Override
  public void workConnectionWanted() {
    if (carrier != null && !ended) {
      var handler =
          new OfferedConnection(
              runId, options.frpToken(), offers, connector, this::visitorAnnounced);
      open(carrier, handler, this::report);
    }
  }

  private void report(String reason) {
    if (seldom.isDue()) {
      LOG.warn("a work connection could not be opened: {}", reason);
    }
  }

  @Override
  public void proxyAnswered(ServerMessage.NewProxyResp answer) {
    offers.answered(answer);
  }

  @Override
  public void introduced(ServerMessage.NatHoleResp answer) {
    if (introducer != null) {
      introducer.answered(answer);
    }
  }

  private void visitorAnnounced(ProxyOffers.Offer offer, String sid) {
    if (introducer != null && !ended) {
      offer.receive(straight, introducer, sid, connector);
    }
  }

  // ---- for visitors

  @Override
  public String runId() {
    return runId;
  }

  @Override
  public Introducer introducer() {
    return Objects.requireNonNull(introducer, "not logged in yet");
  }

  @Override
  public void open(ChannelHandler handler, Consumer<String> failed) {
    if (carrier == null || ended) {
      failed.accept("the session with the server is over");
    } else {
      open(carrier, handler, failed);
    }
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
    if (carrier != null) {
      carrier.close();
    }
    // A little later, when a connection that broke has said why.
    loop.execute(() -> owner.ended(carrier == null ? reason : note.text().orElse(reason)));
  }
}
