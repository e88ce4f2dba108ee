// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.harp.tunnel.PortRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One message of the frp protocol. The records carry the fields of frp's own structures in their
 * order; a field that is absent on the wire is empty, zero or false here, never null.
 *
 * <p>Immutable. {@code toString} shows no credential, so messages may be logged.
 *
 * @see <a href="https://github.com/fatedier/frp/blob/v0.61.1/pkg/msg/msg.go">frp v0.61.1,
 *     pkg/msg/msg.go</a>
 */
public sealed interface Message {

  MessageType type();

  /** What a client begins a connection, or a stream, with. */
  sealed interface Opening extends Message {

    /** Calls the one that fits. */
    void when(
        Consumer<Login> login,
        Consumer<NewWorkConn> workConnection,
        Consumer<NewVisitorConn> visitor);
  }

  /** What a client that is logged in says on its control connection. */
  sealed interface OfClient extends Message {

    /** Calls the one that fits. */
    void when(Consumer<NewProxy> newProxy, Consumer<CloseProxy> closeProxy, Consumer<Ping> ping);
  }

  /** What a server says on a control connection to whom it has let in. */
  sealed interface OfServer extends Message {

    /** Calls the one that fits. */
    void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong);
  }

  /** The first message of a control connection. {@code timestamp} is in Unix seconds. */
  record Login(
      String version,
      String hostname,
      String os,
      String arch,
      String user,
      String privilegeKey,
      long timestamp,
      String runId,
      String clientId,
      Map<String, String> metas,
      @JsonInclude(JsonInclude.Include.ALWAYS) ClientSpec clientSpec,
      int poolCount)
      implements Opening {

    public Login {
      version = text(version);
      hostname = text(hostname);
      os = text(os);
      arch = text(arch);
      user = text(user);
      privilegeKey = text(privilegeKey);
      runId = text(runId);
      clientId = text(clientId);
      metas = texts(metas);
      clientSpec = clientSpec == null ? ClientSpec.NONE : clientSpec;
    }

    @Override
    public String toString() {
      return "Login[version=%s, user=%s, os=%s, arch=%s, metas=%s, poolCount=%d]"
          .formatted(version, user, os, arch, metas.keySet(), poolCount);
    }

    @Override
    public MessageType type() {
      return MessageType.LOGIN;
    }

    @Override
    public void when(
        Consumer<Login> login,
        Consumer<NewWorkConn> workConnection,
        Consumer<NewVisitorConn> visitor) {
      login.accept(this);
    }
  }

  /**
   * Set by frp's in-process SSH gateway only; a server must not believe it when it comes from the
   * network.
   */
  record ClientSpec(String type, boolean alwaysAuthPass) {
    public static final ClientSpec NONE = new ClientSpec("", false);

    public ClientSpec {
      type = text(type);
    }
  }

  /** The answer to a {@link Login}; a non-empty {@code error} refuses it. */
  record LoginResp(String version, String runId, String error) implements Message {
    public LoginResp {
      version = text(version);
      runId = text(runId);
      error = text(error);
    }

    @Override
    public String toString() {
      return "LoginResp[version=%s, error=%s]".formatted(version, error);
    }

    @Override
    public MessageType type() {
      return MessageType.LOGIN_RESP;
    }
  }

  /**
   * Asks the server to open a proxy. Fields that only the virtual-host types use are not kept.
   *
   * @param proxyType empty means {@code tcp}
   * @param remotePort 0 lets the server choose
   * @param sk the shared secret of an stcp proxy
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
      implements OfClient {

    public NewProxy {
      proxyName = text(proxyName);
      proxyType = text(proxyType);
      bandwidthLimit = text(bandwidthLimit);
      bandwidthLimitMode = text(bandwidthLimitMode);
      group = text(group);
      groupKey = text(groupKey);
      metas = texts(metas);
      annotations = texts(annotations);
      sk = text(sk);
      allowUsers = texts(allowUsers);
    }

    /**
     * A {@code tcp} proxy, whose payload may be wrapped on the way between the two frp programs.
     */
    public static NewProxy tcp(
        String proxyName, int remotePort, boolean useEncryption, boolean useCompression) {
      return new NewProxy(
          proxyName,
          "tcp",
          useEncryption,
          useCompression,
          "",
          "",
          "",
          "",
          Map.of(),
          Map.of(),
          remotePort,
          "",
          List.of());
    }

    @Override
    public String toString() {
      return "NewProxy[proxyName=%s, proxyType=%s, remotePort=%d, useEncryption=%s, useCompression=%s]"
          .formatted(proxyName, proxyType, remotePort, useEncryption, useCompression);
    }

    @Override
    public MessageType type() {
      return MessageType.NEW_PROXY;
    }

    @Override
    public void when(
        Consumer<NewProxy> newProxy, Consumer<CloseProxy> closeProxy, Consumer<Ping> ping) {
      newProxy.accept(this);
    }
  }

  /** The answer to a {@link NewProxy}; {@code remoteAddr} is {@code :port} for tcp. */
  record NewProxyResp(String proxyName, String remoteAddr, String error) implements OfServer {
    public NewProxyResp {
      proxyName = text(proxyName);
      remoteAddr = text(remoteAddr);
      error = text(error);
    }

    @Override
    public MessageType type() {
      return MessageType.NEW_PROXY_RESP;
    }

    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong) {
      proxyAnswered.accept(this);
    }
  }

  /** Withdraws a proxy; there is no answer. */
  record CloseProxy(String proxyName) implements OfClient {
    public CloseProxy {
      proxyName = text(proxyName);
    }

    @Override
    public MessageType type() {
      return MessageType.CLOSE_PROXY;
    }

    @Override
    public void when(
        Consumer<NewProxy> newProxy, Consumer<CloseProxy> closeProxy, Consumer<Ping> ping) {
      closeProxy.accept(this);
    }
  }

  /** The first message of a work connection. */
  record NewWorkConn(String runId, String privilegeKey, long timestamp) implements Opening {
    public NewWorkConn {
      runId = text(runId);
      privilegeKey = text(privilegeKey);
    }

    public static NewWorkConn of(String runId) {
      return new NewWorkConn(runId, "", 0);
    }

    @Override
    public String toString() {
      return "NewWorkConn[]";
    }

    @Override
    public MessageType type() {
      return MessageType.NEW_WORK_CONN;
    }

    @Override
    public void when(
        Consumer<Login> login,
        Consumer<NewWorkConn> workConnection,
        Consumer<NewVisitorConn> visitor) {
      workConnection.accept(this);
    }
  }

  /** The server asks the client for one more work connection. */
  record ReqWorkConn() implements OfServer {
    @Override
    public MessageType type() {
      return MessageType.REQ_WORK_CONN;
    }

    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong) {
      workConnectionWanted.accept(this);
    }
  }

  /**
   * Binds a work connection to a proxy; what follows on it is payload. A non-empty {@code error}
   * closes it.
   */
  record StartWorkConn(
      String proxyName, String srcAddr, String dstAddr, int srcPort, int dstPort, String error)
      implements Message {
    public StartWorkConn {
      proxyName = text(proxyName);
      srcAddr = text(srcAddr);
      dstAddr = text(dstAddr);
      srcPort = port(srcPort);
      dstPort = port(dstPort);
      error = text(error);
    }

    @Override
    public MessageType type() {
      return MessageType.START_WORK_CONN;
    }
  }

  /** The first message of a visitor's connection to an stcp proxy. */
  record NewVisitorConn(
      String runId,
      String proxyName,
      String signKey,
      long timestamp,
      boolean useEncryption,
      boolean useCompression)
      implements Opening {
    public NewVisitorConn {
      runId = text(runId);
      proxyName = text(proxyName);
      signKey = text(signKey);
    }

    @Override
    public String toString() {
      return "NewVisitorConn[proxyName=%s]".formatted(proxyName);
    }

    @Override
    public MessageType type() {
      return MessageType.NEW_VISITOR_CONN;
    }

    @Override
    public void when(
        Consumer<Login> login,
        Consumer<NewWorkConn> workConnection,
        Consumer<NewVisitorConn> visitor) {
      visitor.accept(this);
    }
  }

  /** The answer to a {@link NewVisitorConn}; without an error, what follows is payload. */
  record NewVisitorConnResp(String proxyName, String error) implements Message {
    public NewVisitorConnResp {
      proxyName = text(proxyName);
      error = text(error);
    }

    @Override
    public MessageType type() {
      return MessageType.NEW_VISITOR_CONN_RESP;
    }
  }

  /** A client's heartbeat. The fields are filled only under frp's scope {@code HeartBeats}. */
  record Ping(String privilegeKey, long timestamp) implements OfClient {
    public static final Ping PLAIN = new Ping("", 0);

    public Ping {
      privilegeKey = text(privilegeKey);
    }

    @Override
    public String toString() {
      return "Ping[]";
    }

    @Override
    public MessageType type() {
      return MessageType.PING;
    }

    @Override
    public void when(
        Consumer<NewProxy> newProxy, Consumer<CloseProxy> closeProxy, Consumer<Ping> ping) {
      ping.accept(this);
    }
  }

  /** The server's answer to a {@link Ping}. */
  record Pong(String error) implements OfServer {
    public static final Pong OK = new Pong("");

    public Pong {
      error = text(error);
    }

    @Override
    public MessageType type() {
      return MessageType.PONG;
    }

    @Override
    public void when(
        Consumer<ReqWorkConn> workConnectionWanted,
        Consumer<NewProxyResp> proxyAnswered,
        Consumer<Pong> pong) {
      pong.accept(this);
    }
  }

  /**
   * A message that frp knows and this module has no use for (udp payload, NAT traversal): to be
   * ignored, not fatal.
   */
  record Other(MessageType type, ObjectNode content) implements Message {
    @Override
    public String toString() {
      return "Other[" + type + "]";
    }
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static int port(int value) {
    if (value != 0 && !PortRange.ALL.contains(value)) {
      throw new IllegalArgumentException("port " + value + ": expected 0-65535");
    }
    return value;
  }

  private static Map<String, String> texts(@Nullable Map<String, String> values) {
    if (values == null || values.isEmpty()) {
      return Map.of();
    }
    var copy = new LinkedHashMap<String, String>();
    values.forEach((name, value) -> copy.put(name, text(value)));
    return Collections.unmodifiableMap(copy);
  }

  private static List<String> texts(@Nullable List<String> values) {
    if (values == null || values.isEmpty()) {
      return List.of();
    }
    var copy = new ArrayList<String>();
    values.forEach(value -> copy.add(text(value)));
    return Collections.unmodifiableList(copy);
  }
}
