// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.carrier.FirstReads;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection, of TCP or QUIC: a whole session if its streams are multiplexed, else one
 * stream. Belongs to its event loop.
 */
public final class Connection {

  /** How far a client has come that is not logged in; who has come least far goes first. */
  enum Stage {
    /** Its login was refused; it waits to be told. */
    REFUSED,
    /** Not one byte has arrived. */
    SILENT,
    /** Its first bytes have arrived. */
    SPEAKING,
    /** The TLS handshake is done: where certificates are demanded it has a good one. */
    SECURE,
    /** Its login has arrived. */
    LOGIN,
    /** It is logged in. */
    KNOWN
  }

  /** How long what a visitor was sent may be on its way. */
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  private final Channel channel;
  private final InetSocketAddress address;
  private final Subscriber subscriber;
  private final NewConnections newConnections;
  private final Refusals refusals;
  private final LoginPenalties penalties;
  private final ScheduledFuture<?> deadline;
  private volatile Stage stage = Stage.SILENT;
  private @Nullable Carrier carrier;
  private boolean hasLogin;
  private boolean hasMadeRoom;
  private int visits;

  Connection(
      Channel channel,
      InetSocketAddress address,
      NewConnections newConnections,
      Refusals refusals,
      LoginPenalties penalties,
      Duration timeout) {
    this.channel = channel;
    this.address = address;
    this.subscriber = Subscriber.of(address.getAddress());
    this.newConnections = newConnections;
    this.refusals = refusals;
    this.penalties = penalties;
    this.deadline =
        channel.eventLoop().schedule(this::close, timeout.toMillis(), TimeUnit.MILLISECONDS);
    newConnections.admit(this);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              deadline.cancel(false);
              newConnections.leave(this);
            });
  }

  public Channel channel() {
    return channel;
  }

  /** Where the client comes from. */
  public InetSocketAddress address() {
    return address;
  }

  Subscriber subscriber() {
    return subscriber;
  }

  Stage stage() {
    return stage;
  }

  void reached(Stage reached) {
    stage = reached;
  }

  void carry(Carrier streams) {
    carrier = streams;
  }

  /** What its streams are in; there is one as soon as there are streams. */
  public Carrier carrier() {
    return Objects.requireNonNull(carrier, "nothing is known yet of what this connection carries");
  }

  /**
   * The one login of this connection has arrived: its own deadlines apply from now on. False if it
   * is the second.
   */
  public boolean beginLogin() {
    if (hasLogin) {
      return false;
    }
    hasLogin = true;
    stage = Stage.LOGIN;
    deadline.cancel(false);
    return true;
  }

  /** Whether its one login has arrived, or it needs none any more. */
  public boolean hasLogin() {
    return hasLogin || stage == Stage.KNOWN;
  }

  /** The login is refused: the connection stays only until its client has been told. */
  public void loginFailed() {
    stage = Stage.REFUSED;
  }

  /** Whether somebody was refused on it for a wrong credential: it is to have no second try. */
  public boolean isRefused() {
    return stage == Stage.REFUSED;
  }

  /**
   * Counts a wrong secret of a visitor that is logged in; false if there were too many from its
   * address.
   */
  public boolean mayGuessAgain() {
    return penalties.mayGuessAgain(subscriber, channel.eventLoop().ticker().nanoTime());
  }

  /** How long a client with a wrong credential is to wait until it is told. */
  public Duration penalty() {
    return penalties.afterFailure(subscriber, channel.eventLoop().ticker().nanoTime());
  }

  /**
   * Something that the client wants is refused: tells whoever looks after this server. What fails
   * since the connection has made room for another, such as its handshake, says nothing of it.
   */
  public void refused(RefusalCode code, String reason) {
    if (!hasMadeRoom) {
      refusals.refused(address, code, reason);
    }
  }

  /** The client is known: the connection no longer counts as new. */
  public void known(int mostStreams) {
    isKnown();
    carrier().limitStreams(mostStreams);
  }

  private void isKnown() {
    deadline.cancel(false);
    stage = Stage.KNOWN;
    newConnections.loggedIn(this);
    FirstReads.end(channel);
  }

  /**
   * A visitor is let in. frp's clients visit on the connection that they have logged in on: another
   * one has no more streams for it, and is there for as long as somebody visits.
   */
  public void visited(Channel visit, int mostStreams) {
    if (hasLogin || !carrier().isMultiplexed()) {
      known(mostStreams);
      return;
    }
    isKnown();
    visits++;
    visit
        .closeFuture()
        .addListener(
            gone ->
                channel
                    .eventLoop()
                    .schedule(this::visitEnded, LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS));
  }

  private void visitEnded() {
    visits--;
    if (visits == 0 && !hasLogin) {
      close();
    }
  }

  public void close() {
    channel.close();
  }

  /** Ends for one that came later. */
  void makeRoom() {
    refused(
        RefusalCode.TOO_MANY,
        "too many connections that have not logged in; newer ones take the place of this");
    hasMadeRoom = true;
    Reset.of(channel);
  }
}
