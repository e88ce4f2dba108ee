// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.harp.tunnel.PortRange;

/**
 * One message of the frp protocol. The records carry the fields of frp's own structures in their
 * order; a field that is absent on the wire is empty, zero or false here, never null.
 *
 * <p>{@code toString} shows no credential, so messages may be logged.
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
        Message.NatHoleSid,
        Message.Other {

  default MessageType type() {
    return MessageType.of(getClass());
  }

  /** The answer to a {@link OpeningMessage.Login}; a non-empty {@code error} refuses it. */
  record LoginResp(String version, String runId, String error) implements Message {
    @Override
    public String toString() {
      return "LoginResp[version=%s, error=%s]".formatted(version, error);
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
      requirePort(srcPort);
      requirePort(dstPort);
    }

    private static void requirePort(int port) {
      if (port != 0) {
        PortRange.ALL.require("port", port);
      }
    }
  }

  /**
   * The answer to a {@link OpeningMessage.NewVisitorConn}; without an error, what follows is
   * payload.
   */
  record NewVisitorConnResp(String proxyName, String error) implements Message {}

  /**
   * Names an introduction: of the server to the owner of an xtcp proxy, on a work connection that
   * ends with it; of the peers to each other, in the datagrams that open the way between them.
   *
   * @param nonce padding
   */
  record NatHoleSid(String transactionId, String sid, boolean response, String nonce)
      implements Message {}

  /**
   * A message that frp knows and this module has no use for (udp payload): to be ignored, not
   * fatal.
   */
  record Other(MessageType type, ObjectNode content) implements Message {
    @Override
    public String toString() {
      return "Other[" + type + "]";
    }
  }
}
