// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What a client that is logged in says on its control connection. */
public sealed interface ClientMessage extends Message
    permits ClientMessage.NewProxy, ClientMessage.CloseProxy, ClientMessage.Ping, NatHoleMessage {

  /** Calls the one that fits. */
  void when(
      Consumer<NewProxy> newProxy,
      Consumer<CloseProxy> closeProxy,
      Consumer<Ping> ping,
      Consumer<NatHoleMessage> natHole);

  /**
   * Asks the server to open a proxy. Fields that only the virtual-host types use are not kept.
   *
   * @param proxyType empty means {@code tcp}
   * @param remotePort 0 lets the server choose
   * @param sk the shared secret of an stcp or xtcp proxy
   */
  record NewProxy(
      String proxyName,
      String proxyType,
      boolean useEncryption,
      boolean useCompression,
      String bandwidthLimit,
      String bandwidthLimitMode,
      String group,
      String groupKey,
      Map<String, String> metas,
      Map<String, String> annotations,
      int remotePort,
      String sk,
      List<String> allowUsers)
      implements ClientMessage {

    /**
     * A {@code tcp} proxy, whose payload may be wrapped on the way between the two frp programs.
     */
    public static NewProxy tcp(
        String proxyName, int remotePort, boolean useEncryption, boolean useCompression) {
      return of(proxyName, "tcp", useEncryption, useCompression, remotePort, "", List.of());
    }

    /** A proxy for visitors, who know its secret. */
    public static NewProxy secret(
        String proxyName,
        String proxyType,
        boolean useEncryption,
        boolean useCompression,
        String sk,
        List<String> allowUsers) {
      return of(proxyName, proxyType, useEncryption, useCompression, 0, sk, allowUsers);
    }

    private static NewProxy of(
        String proxyName,
        String proxyType,
        boolean useEncryption,
        boolean useCompression,
        int remotePort,
        String sk,
        List<String> allowUsers) {
      return new NewProxy(
          proxyName,
          proxyType,
          useEncryption,
          useCompression,
          "",
          "",
          "",
          "",
          Map.of(),
          Map.of(),
          remotePort,
          sk,
          allowUsers);
    }

    @Override
    public String toString() {
      return "NewProxy[proxyName=%s, proxyType=%s, remotePort=%d, useEncryption=%s, useCompression=%s]"
          .formatted(proxyName, proxyType, remotePort, useEncryption, useCompression);
    }

    @Override
    public void when(
        Consumer<NewProxy> newProxy,
        Consumer<CloseProxy> closeProxy,
        Consumer<Ping> ping,
        Consumer<NatHoleMessage> natHole) {
      newProxy.accept(this);
    }
  }

  /** Withdraws a proxy; there is no answer. */
  record CloseProxy(String proxyName) implements ClientMessage {
    @Override
    public void when(
        Consumer<NewProxy> newProxy,
        Consumer<CloseProxy> closeProxy,
        Consumer<Ping> ping,
        Consumer<NatHoleMessage> natHole) {
      closeProxy.accept(this);
    }
  }

  /** A client's heartbeat. The fields are filled only under frp's scope {@code HeartBeats}. */
  record Ping(String privilegeKey, long timestamp) implements ClientMessage {
    public static final Ping PLAIN = new Ping("", 0);

    @Override
    public String toString() {
      return "Ping[]";
    }

    @Override
    public void when(
        Consumer<NewProxy> newProxy,
        Consumer<CloseProxy> closeProxy,
        Consumer<Ping> ping,
        Consumer<NatHoleMessage> natHole) {
      ping.accept(this);
    }
  }
}
