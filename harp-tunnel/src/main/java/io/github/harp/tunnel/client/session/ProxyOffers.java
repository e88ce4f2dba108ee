// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelClientStatus.ProxyState;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.frp.ClientMessage;
import io.github.harp.tunnel.frp.ServerMessage;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
      offer.refused(answer.error(), retryOfRefused);
      askAgainAfter(offer, retryOfRefused);
    }
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
      var proxy = offer.proxy;
      channel.writeAndFlush(
          ClientMessage.NewProxy.tcp(
              offer.name, proxy.remotePort(), proxy.encrypted(), proxy.compressed()));
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
      LOG.info("proxy {}: port {} of the server leads to {}", name, address, proxy.target());
    }

    private void refused(String reason, Duration retry) {
      if (state != ProxyState.REFUSED || !reason.equals(error)) {
        LOG.warn(
            "proxy {}: refused by the server: {}; asked again every {} s",
            name,
            reason,
            retry.toSeconds());
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
          failed.get());
    }
  }
}
