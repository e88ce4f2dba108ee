// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleClient;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.stock.Credential;
import io.github.harp.tunnel.quic.QuicPeer;
import io.github.harp.tunnel.quic.QuicSupport;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Receives visitors that come straight: each that the server announces is met, and has one QUIC
 * connection, whose streams are the visitor's. Those go on without the server. On one event loop.
 */
public final class StraightOwner {

  /** A server that announces more is out of order. */
  private static final int MOST_MEETINGS = 16;

  private static final int MOST_PEERS = 64;

  private final Meetings meetings;
  private final Executor blocking;
  private final Executor loop;
  private final Set<QuicPeer> peers = new HashSet<>();
  private @Nullable CompletionStage<Credential> self;
  private int underWay;

  /**
   * @param blocking runs what may take a while
   */
  public StraightOwner(Meetings meetings, Executor loop, Executor blocking) {
    this.meetings = meetings;
    this.loop = loop;
    this.blocking = blocking;
  }

  /**
   * The server has announced a visitor of this proxy. Done when it has come; fails with what stood
   * in the way.
   *
   * @param name the proxy's, as the server knows it
   * @param streams initialises each stream that the visitor opens; sharable
   */
  public CompletionStage<QuicPeer> receive(
      Introducer introducer,
      String name,
      TunnelProxy.ForVisitors proxy,
      String sid,
      ChannelHandler streams) {
    if (underWay >= MOST_MEETINGS || underWay + peers.size() >= MOST_PEERS) {
      return CompletableFuture.failedStage(
          new TunnelException(
              Code.LIMIT_REACHED,
              "too many visitors: %d are here, %d more are coming"
                  .formatted(peers.size(), underWay)));
    }
    underWay++;
    return self()
        .thenComposeAsync(
            credential ->
                meetings
                    .meet(
                        introducer,
                        (transaction, here) ->
                            new NatHoleClient(
                                transaction,
                                name,
                                sid,
                                here.mappedTexts(),
                                proxy.hidesOwnAddresses() ? List.of() : here.ownTexts()),
                        proxy.secret())
                    .whenComplete((hole, failure) -> introducer.report(sid, failure == null))
                    .thenCompose(hole -> listen(hole, credential, streams)),
            loop)
        .whenComplete((peer, failure) -> underWay--);
  }

  private CompletionStage<QuicPeer> listen(
      Hole hole, Credential credential, ChannelHandler streams) {
    var came = new CompletableFuture<QuicPeer>();
    QuicPeer.listen(hole.socket(), credential, streams)
        .addListener(
            (Future<QuicPeer> accepted) -> {
              if (accepted.isSuccess()) {
                var peer = accepted.getNow();
                peers.add(peer);
                peer.closed().addListener(closed -> peers.remove(peer));
                came.complete(peer);
              } else {
                came.completeExceptionally(accepted.cause());
              }
            });
    return came;
  }

  /** So that the first visitor does not wait for what takes a while at first. */
  public void prepare() {
    self();
    blocking.execute(QuicSupport::obstacle);
  }

  private CompletionStage<Credential> self() {
    if (self == null) {
      self =
          CompletableFuture.supplyAsync(
              () -> CertificateAuthority.throwAwayServer(Clock.systemUTC()), blocking);
    }
    return self;
  }

  /** Sends all of them away. */
  public void close() {
    // No reference to its method, which would need QUIC's classes even where there is no peer.
    for (var peer : List.copyOf(peers)) {
      peer.close();
    }
  }
}
