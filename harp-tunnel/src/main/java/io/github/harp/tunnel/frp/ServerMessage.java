// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import java.util.function.Consumer;

/** What a server says on a control connection to whom it has let in. */
public sealed interface ServerMessage extends Message {

  /** Calls the one that fits. */
  void when(
      Consumer<ReqWorkConn> workConnectionWanted,
      Consumer<NewProxyResp> proxyAnswered,
      Consumer<Pong> pong,
      Consumer<NatHoleResp> introduced);

  /**
   * The answer to a {@link ClientMessage.NewProxy}; {@code remoteAddr} is {@code :port} for tcp.
   */
  record NewProxyResp(String proxyName, String remoteAddr, String error) implements ServerMessage {
    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong,
        Consumer<NatHoleResp> introduced) {
      proxyAnswered.accept(this);
    }
  }

  /** The server asks the client for one more work connection. */
  record ReqWorkConn() implements ServerMessage {
    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong,
        Consumer<NatHoleResp> introduced) {
      workConnectionWanted.accept(this);
    }
  }

  /** The server's answer to a {@link ClientMessage.Ping}. */
  record Pong(String error) implements ServerMessage {
    public static final Pong OK = new Pong("");

    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong,
        Consumer<NatHoleResp> introduced) {
      pong.accept(this);
    }
  }

  /**
   * The answer to a {@link NatHoleMessage.NatHoleVisitor} or a {@link
   * NatHoleMessage.NatHoleClient}: where the other peer may be found, and how to go about it.
   *
   * @param transactionId the question's
   * @param candidateAddrs the other peer's addresses as the outside sees them, {@code ip:port}
   * @param assistedAddrs its addresses in its own network
   * @param error if not empty, all that is said
   */
  record NatHoleResp(
      String transactionId,
      String sid,
      String protocol,
      List<String> candidateAddrs,
      List<String> assistedAddrs,
      @JsonInclude(JsonInclude.Include.ALWAYS) DetectBehavior detectBehavior,
      String error)
      implements ServerMessage {

    public NatHoleResp {
      detectBehavior = detectBehavior == null ? DetectBehavior.NONE : detectBehavior;
    }

    public static NatHoleResp refusal(String transactionId, String error) {
      return new NatHoleResp(
          transactionId, "", "", List.of(), List.of(), DetectBehavior.NONE, error);
    }

    /** Nothing stands against a visit. */
    public static NatHoleResp consent(String transactionId) {
      return refusal(transactionId, "");
    }

    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong,
        Consumer<NatHoleResp> introduced) {
      introduced.accept(this);
    }
  }

  /**
   * What a peer is to do.
   *
   * @param role {@code sender} or {@code receiver}
   * @param ttl of the first datagrams, which only have to leave the peer's own NAT; 0 as usual
   * @param readTimeout how long to wait for the other's datagrams, in milliseconds
   * @param candidatePorts ports of the other peer to try beside the known ones
   * @param sendRandomPorts how many ports of the other peer to guess
   * @param listenRandomPorts how many more sockets to send from
   */
  record DetectBehavior(
      String role,
      int mode,
      int ttl,
      int sendDelayMs,
      int readTimeout,
      @JsonSetter(nulls = Nulls.SET, contentNulls = Nulls.FAIL) List<Ports> candidatePorts,
      int sendRandomPorts,
      int listenRandomPorts) {

    public DetectBehavior {
      candidatePorts = candidatePorts == null ? List.of() : candidatePorts;
    }

    static final DetectBehavior NONE = new DetectBehavior("", 0, 0, 0, 0, List.of(), 0, 0);

    /** Both are in it. */
    public record Ports(int from, int to) {}
  }
}
