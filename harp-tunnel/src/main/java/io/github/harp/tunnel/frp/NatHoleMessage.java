// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import java.util.List;
import java.util.function.Consumer;

/** What the two peers of an xtcp proxy say to the server that introduces them. */
public sealed interface NatHoleMessage extends ClientMessage {

  /** Calls the one that fits. */
  void when(
      Consumer<NatHoleVisitor> visitor,
      Consumer<NatHoleClient> client,
      Consumer<NatHoleReport> report);

  @Override
  default void when(
      Consumer<NewProxy> newProxy,
      Consumer<CloseProxy> closeProxy,
      Consumer<Ping> ping,
      Consumer<NatHoleMessage> natHole) {
    natHole.accept(this);
  }

  /**
   * A visitor asks to be introduced, or, with {@code preCheck}, whether it would be.
   *
   * @param transactionId what the answer is to name
   * @param protocol what the peers are to speak: {@code quic} or {@code kcp}
   * @param signKey shows that it knows the proxy's secret: {@link PrivilegeKey}
   * @param mappedAddrs its addresses as two servers on the outside see them, {@code ip:port}
   * @param assistedAddrs its addresses in its own network
   */
  record NatHoleVisitor(
      String transactionId,
      String proxyName,
      boolean preCheck,
      String protocol,
      String signKey,
      long timestamp,
      List<String> mappedAddrs,
      List<String> assistedAddrs)
      implements NatHoleMessage {

    @Override
    public String toString() {
      return "NatHoleVisitor[proxyName=%s, preCheck=%s]".formatted(proxyName, preCheck);
    }

    @Override
    public void when(
        Consumer<NatHoleVisitor> visitor,
        Consumer<NatHoleClient> client,
        Consumer<NatHoleReport> report) {
      visitor.accept(this);
    }
  }

  /** The owner of the proxy has heard of a visitor, {@code sid}, and tells where it is itself. */
  record NatHoleClient(
      String transactionId,
      String proxyName,
      String sid,
      List<String> mappedAddrs,
      List<String> assistedAddrs)
      implements NatHoleMessage {

    @Override
    public void when(
        Consumer<NatHoleVisitor> visitor,
        Consumer<NatHoleClient> client,
        Consumer<NatHoleReport> report) {
      client.accept(this);
    }
  }

  /** The owner tells whether the peers have found each other. */
  record NatHoleReport(String sid, boolean success) implements NatHoleMessage {

    @Override
    public void when(
        Consumer<NatHoleVisitor> visitor,
        Consumer<NatHoleClient> client,
        Consumer<NatHoleReport> report) {
      report.accept(this);
    }
  }
}
