// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

import io.github.harp.tunnel.frp.NatHoleMessage;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleClient;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleReport;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleVisitor;
import io.github.harp.tunnel.frp.ServerMessage.DetectBehavior;
import io.github.harp.tunnel.frp.ServerMessage.DetectBehavior.Ports;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.github.harp.tunnel.server.TunnelStatus;
import io.github.harp.tunnel.server.accept.Printable;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Introduces visitors to the owners of xtcp proxies. A visitor says where it is seen; the owner is
 * told of it by the introduction's id and says the same; both hear where the other is and what to
 * do; the owner reports what came of it. Thread-safe.
 *
 * @see <a href="https://github.com/fatedier/frp/blob/v0.61.1/pkg/nathole/controller.go">frp
 *     v0.61.1, pkg/nathole/controller.go</a>
 */
public final class Introductions {

  private static final Logger LOG = LoggerFactory.getLogger(Introductions.class);

  private static final int MOST = 1_024;
  private static final int MOST_OF_A_VISITOR = 16;

  /**
   * Of those that wait, and of those that are not reported on: no owner takes the others' place.
   */
  private static final int MOST_OF_AN_OWNER = 64;

  private static final Duration OWNER_ANSWERS = Duration.ofSeconds(10);

  /** Beyond the time that the peers take. */
  private static final Duration OWNER_REPORTS = Duration.ofSeconds(30);

  /**
   * So that a receiver has opened its NAT before the first datagram comes. That has to travel from
   * here to the sender and on, so what counts is only how much longer the receiver's own word is
   * held up: a lost segment's worth. frps waits for a second, and so do its users.
   */
  private static final Duration RECEIVER_FIRST = Duration.ofMillis(500);

  private static final List<String> PROTOCOLS = List.of("quic", "kcp");

  /** A visitor has asked, and the owner has been told. */
  private record Waiting(
      IntroducedPeer visitor,
      NatHoleVisitor asked,
      PeerAddresses seen,
      IntroducedPeer owner,
      String proxy) {

    boolean isAnsweredBy(NatHoleClient said, IntroducedPeer whoever) {
      return owner == whoever && proxy.equals(said.proxyName());
    }
  }

  /** Both have been told. */
  private record Met(IntroducedPeer owner, String proxy, Experience.Trial trial) {}

  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final Experience experience = new Experience();
  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
  private final Map<String, Met> met = Collections.synchronizedMap(new LinkedHashMap<>());
  private final LongAdder begun = new LongAdder();
  private final LongAdder made = new LongAdder();
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder missed = new LongAdder();
  private final LongAdder relayed = new LongAdder();
  private volatile String lastMiss = "";

  public Introductions(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * A visitor that may visit asks for it.
   *
   * @param owner of the proxy
   * @param callOwner tells the owner the id of this introduction
   */
  public void begin(
      NatHoleVisitor asked,
      IntroducedPeer visitor,
      IntroducedPeer owner,
      Consumer<String> callOwner) {
    var refusal = refusal(asked, visitor, owner);
    if (!refusal.isEmpty()) {
      visitor.answer(NatHoleResp.refusal(asked.transactionId(), refusal));
      return;
    }
    PeerAddresses seen;
    try {
      seen = PeerAddresses.read(asked.mappedAddrs(), asked.assistedAddrs(), visitor.address());
    } catch (IllegalArgumentException e) {
      visitor.answer(NatHoleResp.refusal(asked.transactionId(), String.valueOf(e.getMessage())));
      return;
    }
    var sid = clock.instant().getEpochSecond() + "%016x".formatted(random.nextLong());
    waiting.put(sid, new Waiting(visitor, asked, seen, owner, asked.proxyName()));
    begun.increment();
    forget(waiting, sid, owner, OWNER_ANSWERS);
    callOwner.accept(sid);
  }

  private String refusal(NatHoleVisitor asked, IntroducedPeer visitor, IntroducedPeer owner) {
    if (!PROTOCOLS.contains(asked.protocol())) {
      return "protocol [" + Printable.of(asked.protocol()) + "]; expected one of " + PROTOCOLS;
    }
    var ofVisitor = waiting.values().stream().filter(one -> one.visitor() == visitor).count();
    var ofOwner = waiting.values().stream().filter(one -> one.owner() == owner).count();
    return waiting.size() + met.size() >= MOST
            || ofVisitor >= MOST_OF_A_VISITOR
            || ofOwner >= MOST_OF_AN_OWNER
        ? "too many introductions at a time, try again later"
        : "";
  }

  private static void forget(
      Map<String, ?> table, String sid, IntroducedPeer owner, Duration after) {
    owner.loop().schedule(() -> table.remove(sid), after.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether somebody else has made the owner say this, which it says once. */
  public boolean awaits(NatHoleMessage said, IntroducedPeer owner) {
    if (said instanceof NatHoleClient answer) {
      var visit = waiting.get(answer.sid());
      return visit != null && visit.isAnsweredBy(answer, owner);
    }
    var pair = said instanceof NatHoleReport report ? met.get(report.sid()) : null;
    return pair != null && pair.owner() == owner;
  }

  /** The owner says where it is: both can be told. */
  public void answer(NatHoleClient said, IntroducedPeer owner) {
    var visit = waiting.get(said.sid());
    if (visit == null || !visit.isAnsweredBy(said, owner)) {
      owner.answer(
          NatHoleResp.refusal(
              said.transactionId(), "no visitor is waiting for this, or no longer"));
      return;
    }
    if (!waiting.remove(said.sid(), visit)) {
      return;
    }
    try {
      var seen = PeerAddresses.read(said.mappedAddrs(), said.assistedAddrs(), owner.address());
      introduce(said, seen, visit);
    } catch (IllegalArgumentException e) {
      var error = String.valueOf(e.getMessage());
      owner.answer(NatHoleResp.refusal(said.transactionId(), error));
      visit.visitor().answer(NatHoleResp.refusal(visit.asked().transactionId(), error));
    }
  }

  private void introduce(NatHoleClient said, PeerAddresses seen, Waiting visit) {
    var owner = visit.owner();
    var pair = new Experience.Pair(owner.identity(), seen.place(), visit.seen().place());
    var trial = experience.next(pair, owner.loop().ticker().nanoTime());
    var plan = trial.plan();
    var patience = OWNER_REPORTS.plusMillis(plan.patienceMillis(plan.owner()));
    remember(said.sid(), new Met(owner, visit.proxy(), trial));
    made.increment();
    forget(met, said.sid(), owner, patience);
    LOG.debug("introduction {} of [{}]: {}", said.sid(), Printable.of(visit.proxy()), trial);
    tell(
        owner,
        plan.owner(),
        response(said.transactionId(), said.sid(), visit, plan, plan.owner(), visit.seen()));
    tell(
        visit.visitor(),
        plan.visitor(),
        response(visit.asked().transactionId(), said.sid(), visit, plan, plan.visitor(), seen));
  }

  /** An owner that does not report loses what its oldest were worth. */
  private void remember(String sid, Met pair) {
    synchronized (met) {
      var ofOwner =
          met.entrySet().stream().filter(one -> one.getValue().owner() == pair.owner()).toList();
      if (ofOwner.size() >= MOST_OF_AN_OWNER) {
        met.remove(ofOwner.get(0).getKey());
      }
      met.put(sid, pair);
    }
  }

  private static void tell(IntroducedPeer peer, Behaviour behaviour, NatHoleResp response) {
    if (behaviour.sends()) {
      peer.loop()
          .schedule(() -> peer.answer(response), RECEIVER_FIRST.toMillis(), TimeUnit.MILLISECONDS);
    } else {
      peer.answer(response);
    }
  }

  /**
   * @param own what the one who is told does
   * @param other where the other is
   */
  private static NatHoleResp response(
      String transaction,
      String sid,
      Waiting visit,
      PunchPlan plan,
      Behaviour own,
      PeerAddresses other) {
    return new NatHoleResp(
        transaction,
        sid,
        visit.asked().protocol(),
        other.mappedTexts(),
        other.ownTexts(),
        new DetectBehavior(
            own.sends() ? "sender" : "receiver",
            plan.mode(),
            own.ttl(),
            own.delayMillis(),
            plan.patienceMillis(own),
            own.ports() > 0 ? List.of(around(other, own.ports())) : List.of(),
            own.guesses(),
            own.sockets()),
        "");
  }

  private static Ports around(PeerAddresses other, int distance) {
    var port = other.lastPort();
    var further = other.nat().portsDifference() + 5;
    return new Ports(
        Math.max(1, Math.max(port - further, port - distance)),
        Math.min(65_535, Math.min(port + further, port + distance)));
  }

  /** The owner says what came of it. */
  public void report(NatHoleReport said, IntroducedPeer owner) {
    var pair = met.get(said.sid());
    if (pair == null || pair.owner() != owner || !met.remove(said.sid(), pair)) {
      return;
    }
    if (said.success()) {
      succeeded.increment();
      experience.worked(pair.trial());
      LOG.info("[{}]: a visitor and {} have met", Printable.of(pair.proxy()), owner);
    } else {
      missed.increment();
      lastMiss = "[%s]: %s".formatted(Printable.of(pair.proxy()), pair.trial().pair());
      LOG.info(
          "[{}]: a visitor and {} could not meet, {}: {}",
          Printable.of(pair.proxy()),
          owner,
          pair.trial().pair(),
          pair.trial().plan());
    }
  }

  /** A visitor's user comes through this server. */
  public void relayed() {
    relayed.increment();
  }

  public TunnelStatus.Introductions totals() {
    return new TunnelStatus.Introductions(
        begun.sum(), made.sum(), succeeded.sum(), missed.sum(), lastMiss, relayed.sum());
  }
}
