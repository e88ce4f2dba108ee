// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleVisitor;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.quic.QuicPeer;
import io.github.harp.tunnel.quic.QuicSupport;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Goes to the owner of a service straight. On one event loop. */
public final class StraightVisitor {

  private final Meetings meetings;
  private final Executor blocking;

  /**
   * @param blocking runs what may take a while, at first
   */
  public StraightVisitor(Meetings meetings, Executor blocking) {
    this.meetings = meetings;
    this.blocking = blocking;
  }

  /** So that the first user does not wait for the library. */
  public void prepare() {
    blocking.execute(QuicSupport::obstacle);
  }

  /** Meets the owner and dials it; fails with what stood in the way. */
  public CompletionStage<QuicPeer> visit(Introducer introducer, TunnelVisitor visitor) {
    var obstacle = QuicSupport.obstacle();
    if (obstacle.isPresent()) {
      return CompletableFuture.failedStage(new TunnelException(Code.CONFIGURATION, obstacle.get()));
    }
    var now = introducer.clock().instant().getEpochSecond();
    return meetings
        .meet(
            introducer,
            (transaction, here) ->
                new NatHoleVisitor(
                    transaction,
                    visitor.service(),
                    false,
                    "quic",
                    PrivilegeKey.of(visitor.secret(), now),
                    now,
                    here.mappedTexts(),
                    visitor.straight().hidesOwnAddresses() ? List.of() : here.ownTexts()),
            visitor.secret())
        .thenCompose(StraightVisitor::dial);
  }

  private static CompletionStage<QuicPeer> dial(Hole hole) {
    var dialled = new CompletableFuture<QuicPeer>();
    QuicPeer.dial(hole.socket(), hole.peer())
        .addListener(
            (Future<QuicPeer> done) -> {
              if (done.isSuccess()) {
                dialled.complete(done.getNow());
              } else {
                dialled.completeExceptionally(done.cause());
              }
            });
    return dialled;
  }
}
