// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelClientStatus.ProxyState;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.dial.Connector;
import io.github.harp.tunnel.client.dial.FailureNote;
import io.github.harp.tunnel.client.straight.Introducer;
import io.github.harp.tunnel.client.straight.StraightOwner;
import io.github.harp.tunnel.frp.ClientMessage;
import io.github.harp.tunnel.frp.ServerMessage;
import io.github.harp.tunnel.quic.QuicSupport;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the client offers, and what the server says to it: asks for each proxy at every login, again
 * when no answer comes, and at intervals when the answer was no. On the event loop, except for
 * {@link #status}.
 */
final class ProxyOffers {

  private static final Logger LOG = LoggerFactory.getLogger(ProxyOffers.class);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);

  private final Map<String, Offer> offers = new LinkedHashMap<>();
  private final Duration retryOfRefused;
  private @Nullable Channel control;

  ProxyOffers(TunnelClientOptions options) {
    retryOfRefused = options.retries().refusedProxy();
    for (var proxy : options.proxies()) {
      var name = options.user().isEmpty() ? proxy.name() : options.user() + "." + proxy.name();
      offers.put(name, new Offer(name, proxy));
    }
  }

  /** A login succeeded: asks for everything on this control connection. */
  void offerAll(Channel newControl) {
    control = newControl;
    offers.values().forEach(this::offer);
  }

  /** The session is over: nothing can be reached until the next login. */
  void withdrawAll() {
    control = null;
    offers.values().forEach(Offer::forget);
  }

  void answered(ServerMessage.NewProxyResp answer) {
    var offer = offers.get(answer.proxyName());
    if (offer == null) {
      LOG.debug("the server answers about proxy {}, which is not offered", answer.proxyName());
      return;
    }
    offer.cancelTimer();
    if (answer.error().isEmpty()) {
      offer.accepted(answer.remoteAddr());
    } else {
      offer.refused(
          answer.error(),
          "refused by the server; asked again every " + retryOfRefused.toSeconds() + " s");
      askAgainAfter(offer, retryOfRefused);
    }
  }

  /** Whether there are some whose visitors don't come through the server. */
  boolean areStraight() {
    return offers.values().stream().anyMatch(Offer::isStraight);
  }

  /** The offer by the name that the server knows, or null. */
  @Nullable Offer find(String name) {
    return offers.get(name);
  }

  List<TunnelClientStatus.Proxy> status() {
    return offers.values().stream().map(Offer::status).toList();
  }

  private void offer(Offer offer) {
    var channel = control;
    if (channel != null && channel.isActive()) {
      var obstacle = offer.isStraight() ? QuicSupport.obstacle() : Optional.<String>empty();
      if (obstacle.isPresent()) {
        offer.refused(obstacle.get(), "visitors can't come straight");
        return;
      }
      channel.writeAndFlush(offer.request());
      askAgainAfter(offer, ANSWER_TIMEOUT);
    }
  }

  private void askAgainAfter(Offer offer, Duration delay) {
    var channel = control;
    if (channel != null) {
      offer.timer =
          channel.eventLoop().schedule(() -> offer(offer), delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** One proxy with its state, which is read from other threads. */
  static final class Offer {

    private final String name;
    private final TunnelProxy proxy;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicInteger visitorsHere = new AtomicInteger();
    private final AtomicLong visitors = new AtomicLong();
    private final AtomicLong visitorsMissed = new AtomicLong();
    private volatile String lastMiss = "";
    private volatile ProxyState state = ProxyState.PENDING;
    private volatile String remoteAddress = "";
    private volatile String error = "";
    private @Nullable ScheduledFuture<?> timer;
    private final SeldomLog seldom = new SeldomLog();

    private Offer(String name, TunnelProxy proxy) {
      this.name = name;
      this.proxy = proxy;
    }

    String name() {
      return name;
    }

    TunnelProxy proxy() {
      return proxy;
    }

    /** Whether its visitors don't come through the server. */
    boolean isStraight() {
      return proxy.visitors().filter(visitors -> visitors.way() == ProxyType.XTCP).isPresent();
    }

    private ClientMessage.NewProxy request() {
      var encrypted = proxy.encrypted();
      var compressed = proxy.compressed();
      return proxy
          .visitors()
          .map(
              who ->
                  ClientMessage.NewProxy.secret(
                      name, who.way().toString(), encrypted, compressed, who.secret(), who.users()))
          .orElseGet(
              () -> ClientMessage.NewProxy.tcp(name, proxy.remotePort(), encrypted, compressed));
    }

    /** The server has announced a visitor who comes straight. */
    void receive(StraightOwner straight, Introducer introducer, String sid, Connector connector) {
      var who = proxy.visitors().orElseThrow();
      straight
          .receive(introducer, name, who, sid, new UserStream(this, who.secret(), connector))
          .whenComplete(
              (visitor, failure) -> {
                if (failure == null) {
                  visitorCame();
                  visitor.closed().addListener(closed -> visitorsHere.decrementAndGet());
                } else {
                  visitorsMissed.incrementAndGet();
                  lastMiss = FailureNote.describe(failure);
                  LOG.info("proxy {}: a visitor could not come straight: {}", name, lastMiss);
                }
              });
    }

    private void visitorCame() {
      visitorsHere.incrementAndGet();
      visitors.incrementAndGet();
      LOG.info("proxy {}: a visitor has come straight", name);
    }

    void userArrived() {
      open.incrementAndGet();
      total.incrementAndGet();
    }

    void userLeft() {
      open.decrementAndGet();
    }

    void targetFailed(Throwable cause) {
      failed.incrementAndGet();
      if (seldom.isDue()) {
        LOG.warn(
            "proxy {}: {} cannot be reached ({}): the user's connection is closed",
            name,
            proxy.target(),
            FailureNote.describe(cause));
      }
    }

    private void accepted(String address) {
      remoteAddress = address;
      error = "";
      state = ProxyState.RUNNING;
      if (proxy.visitors().isPresent()) {
        LOG.info("proxy {}: visitors ({}) get to {}", name, proxy.visitors().get(), proxy.target());
      } else {
        LOG.info("proxy {}: port {} of the server leads to {}", name, address, proxy.target());
      }
    }

    private void refused(String reason, String consequence) {
      if (state != ProxyState.REFUSED || !reason.equals(error)) {
        LOG.warn("proxy {}: {}: {}", name, consequence, reason);
      }
      remoteAddress = "";
      error = reason;
      state = ProxyState.REFUSED;
    }

    private void forget() {
      cancelTimer();
      state = ProxyState.PENDING;
      remoteAddress = "";
      error = "";
    }

    private void cancelTimer() {
      if (timer != null) {
        timer.cancel(false);
        timer = null;
      }
    }

    private TunnelClientStatus.Proxy status() {
      return new TunnelClientStatus.Proxy(
          name,
          proxy.remotePort(),
          proxy.target().toString(),
          state,
          remoteAddress,
          error,
          open.get(),
          total.get(),
          failed.get(),
          new TunnelClientStatus.StraightVisitors(
              visitorsHere.get(), visitors.get(), visitorsMissed.get(), lastMiss));
    }
  }
}
