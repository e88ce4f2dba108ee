// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.function.Consumer;

/** What a client begins a connection, or a stream, with. */
public sealed interface OpeningMessage extends Message {

  /** Calls the one that fits. */
  void when(
      Consumer<Login> login,
      Consumer<NewWorkConn> workConnection,
      Consumer<NewVisitorConn> visitor);

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
      implements OpeningMessage {

    public Login {
      clientSpec = clientSpec == null ? ClientSpec.NONE : clientSpec;
    }

    @Override
    public String toString() {
      return "Login[version=%s, user=%s, os=%s, arch=%s, metas=%s, poolCount=%d]"
          .formatted(version, user, os, arch, metas.keySet(), poolCount);
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
  }

  /** The first message of a work connection. */
  record NewWorkConn(String runId, String privilegeKey, long timestamp) implements OpeningMessage {
    public static NewWorkConn of(String runId) {
      return new NewWorkConn(runId, "", 0);
    }

    @Override
    public String toString() {
      return "NewWorkConn[]";
    }

    @Override
    public void when(
        Consumer<Login> login,
        Consumer<NewWorkConn> workConnection,
        Consumer<NewVisitorConn> visitor) {
      workConnection.accept(this);
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
      implements OpeningMessage {
    @Override
    public String toString() {
      return "NewVisitorConn[proxyName=%s]".formatted(proxyName);
    }

    @Override
    public void when(
        Consumer<Login> login,
        Consumer<NewWorkConn> workConnection,
        Consumer<NewVisitorConn> visitor) {
      visitor.accept(this);
    }
  }
}
