// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One message of the frp protocol. The records carry the fields of frp's own structures in their
 * order; a field that is absent on the wire is empty, zero or false here, never null.
 *
 * <p>Immutable. {@code toString} shows no credential, so messages may be logged.
 *
 * @see <a href="https://github.com/fatedier/frp/blob/v0.61.1/pkg/msg/msg.go">frp v0.61.1,
 *     pkg/msg/msg.go</a>
 */
public sealed interface Message
    permits OpeningMessage,
        ClientMessage,
        ServerMessage,
        Message.LoginResp,
        Message.StartWorkConn,
        Message.NewVisitorConnResp,
        Message.Other {

  MessageType type();

  /** The answer to a {@link OpeningMessage.Login}; a non-empty {@code error} refuses it. */
  record LoginResp(String version, String runId, String error) implements Message {
    public LoginResp {
      version = Fields.text(version);
      runId = Fields.text(runId);
      error = Fields.text(error);
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
   * Binds a work connection to a proxy; what follows on it is payload. A non-empty {@code error}
   * closes it.
   */
  record StartWorkConn(
      String proxyName, String srcAddr, String dstAddr, int srcPort, int dstPort, String error)
      implements Message {
    public StartWorkConn {
      proxyName = Fields.text(proxyName);
      srcAddr = Fields.text(srcAddr);
      dstAddr = Fields.text(dstAddr);
      srcPort = Fields.port(srcPort);
      dstPort = Fields.port(dstPort);
      error = Fields.text(error);
    }

    @Override
    public MessageType type() {
      return MessageType.START_WORK_CONN;
    }
  }

  /**
   * The answer to a {@link OpeningMessage.NewVisitorConn}; without an error, what follows is
   * payload.
   */
  record NewVisitorConnResp(String proxyName, String error) implements Message {
    public NewVisitorConnResp {
      proxyName = Fields.text(proxyName);
      error = Fields.text(error);
    }

    @Override
    public MessageType type() {
      return MessageType.NEW_VISITOR_CONN_RESP;
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
}
