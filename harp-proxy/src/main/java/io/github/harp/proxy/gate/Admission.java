// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.proxy.HarpProxyOptions.Limits.Requests;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.OwnAnswer;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts requests under way, by client and by ExApp, and lets in no more than the limits allow:
 * nobody, and no slow ExApp, is to take all there is. What AppAPI has signed is neither counted nor
 * refused. Thread-safe; one for all event loops.
 */
public final class Admission {

  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
  private static final int RETRY_AFTER_SECONDS = 5;

  /** Each is a connection more, of which this process has both ends. */
  private static final int MOST_TO_PAGES = 128;

  private static final int MOST_OF_PAGE_VISITOR = 32;
  private static final Object ALL_PAGE_VISITORS = new Object();

  /** A part of what one ExApp gets at once is kept for addresses with few requests under way. */
  private static final int RESERVE_OF_EXAPP = 4;

  /** Up to such a part of it are few. */
  private static final int FEW_OF_EXAPP = 64;

  /** Another Nextcloud may have one of this name. */
  private record Whose(Instance of, AppId id) {}

  private record PageVisitor(InetAddress client) {}

  private final int perClient;
  private final int perExApp;
  private final ConcurrentHashMap<Object, Integer> ofClients = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Object, Integer> toExApps = new ConcurrentHashMap<>();
  private final SeldomNotices notices = new SeldomNotices(Ticker.systemTicker());

  public Admission(Requests limits) {
    this.perClient = limits.perClient();
    this.perExApp = limits.perExApp();
  }

  /** Whether it may go on; one that may not is answered. */
  boolean admits(Exchange exchange, Verdict verdict, Decision.Forward decision) {
    if (decision.signed()) {
      return true;
    }
    var client = IpAddresses.subscriber(verdict.client());
    var exApp = new Whose(verdict.instance(), decision.exApp().id());
    if (!enter(ofClients, client, perClient)) {
      tell("client " + IpAddresses.text(client), perClient, "HP_LIMIT_CLIENT");
      refuseMoreOfClient(exchange, perClient);
      return false;
    }
    int most = mostToExApp(client);
    if (!enter(toExApps, exApp, most)) {
      leave(ofClients, client);
      tell(exApp.of().name().mark("ExApp " + exApp.id()), most, forMany(most) + "HP_LIMIT_EXAPP");
      exchange.fail(
          OwnAnswer.text(503, "The application has too many requests under way. Try again later.")
              .retryAfter(RETRY_AFTER_SECONDS),
          new Failure(Kind.TOO_MANY_TO_EXAPP, most + " requests to it are under way"));
      return false;
    }
    exchange.whenOver(
        () -> {
          leave(ofClients, client);
          leave(toExApps, exApp);
        });
    return true;
  }

  /** The last of it is for those who have few under way: nobody is to take an ExApp from others. */
  private int mostToExApp(InetAddress client) {
    boolean hasMany = ofClients.getOrDefault(client, 0) > Math.max(1, perExApp / FEW_OF_EXAPP);
    return hasMany ? perExApp - perExApp / RESERVE_OF_EXAPP : perExApp;
  }

  private String forMany(int most) {
    return most < perExApp ? "what those who have many may take of " : "";
  }

  /** Whether the gateway's own pages, which this process serves as well, may be asked for. */
  boolean admitsToPages(Exchange exchange, InetAddress caller) {
    var client = new PageVisitor(IpAddresses.subscriber(caller));
    if (!enter(ofClients, client, MOST_OF_PAGE_VISITOR)) {
      refuseMoreOfClient(exchange, MOST_OF_PAGE_VISITOR);
      return false;
    }
    if (!enter(ofClients, ALL_PAGE_VISITORS, MOST_TO_PAGES)) {
      leave(ofClients, client);
      exchange.fail(
          OwnAnswer.text(503).retryAfter(RETRY_AFTER_SECONDS),
          new Failure(Kind.OVERLOAD, MOST_TO_PAGES + " requests for pages are under way"));
      return false;
    }
    exchange.whenOver(
        () -> {
          leave(ofClients, client);
          leave(ofClients, ALL_PAGE_VISITORS);
        });
    return true;
  }

  private static void refuseMoreOfClient(Exchange exchange, int limit) {
    exchange.fail(
        OwnAnswer.text(429, "Too many requests of your address are under way. Try again later.")
            .retryAfter(RETRY_AFTER_SECONDS),
        new Failure(Kind.TOO_MANY_OF_CLIENT, limit + " requests of it are under way"));
  }

  private static boolean enter(ConcurrentHashMap<Object, Integer> counts, Object key, int limit) {
    int now = counts.merge(key, 1, Integer::sum);
    if (limit > 0 && now > limit) {
      leave(counts, key);
      return false;
    }
    return true;
  }

  private static void leave(ConcurrentHashMap<Object, Integer> counts, Object key) {
    counts.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
  }

  private void tell(String who, int limit, String variable) {
    if (notices.isNew(Admission.class)) {
      LOG.warn("{} has {} requests under way, which is {}: more are refused", who, limit, variable);
    }
  }
}
