// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import org.jspecify.annotations.Nullable;

/**
 * What a message is, and how each wire protocol numbers it.
 *
 * @see <a href="https://github.com/fatedier/frp/blob/v0.70.1/pkg/msg/msg.go">frp v0.70.1,
 *     pkg/msg</a>
 */
public enum MessageType {
  LOGIN('o', 1, OpeningMessage.Login.class),
  LOGIN_RESP('1', 2, Message.LoginResp.class),
  NEW_PROXY('p', 3, ClientMessage.NewProxy.class),
  NEW_PROXY_RESP('2', 4, ServerMessage.NewProxyResp.class),
  CLOSE_PROXY('c', 5, ClientMessage.CloseProxy.class),
  NEW_WORK_CONN('w', 6, OpeningMessage.NewWorkConn.class),
  REQ_WORK_CONN('r', 7, ServerMessage.ReqWorkConn.class),
  START_WORK_CONN('s', 8, Message.StartWorkConn.class),
  NEW_VISITOR_CONN('v', 9, OpeningMessage.NewVisitorConn.class),
  NEW_VISITOR_CONN_RESP('3', 10, Message.NewVisitorConnResp.class),
  PING('h', 11, ClientMessage.Ping.class),
  PONG('4', 12, ServerMessage.Pong.class),
  UDP_PACKET('u', 13, null),
  NAT_HOLE_VISITOR('i', 14, NatHoleMessage.NatHoleVisitor.class),
  NAT_HOLE_CLIENT('n', 15, NatHoleMessage.NatHoleClient.class),
  NAT_HOLE_RESP('m', 16, ServerMessage.NatHoleResp.class),
  NAT_HOLE_SID('5', 17, Message.NatHoleSid.class),
  NAT_HOLE_REPORT('6', 18, NatHoleMessage.NatHoleReport.class);

  private static final MessageType[] ALL = values();

  private final byte v1;
  private final int v2;
  private final @Nullable Class<? extends Message> content;

  MessageType(char v1, int v2, @Nullable Class<? extends Message> content) {
    this.v1 = (byte) v1;
    this.v2 = v2;
    this.content = content;
  }

  /** The type byte of wire protocol 1, an ASCII character. */
  public byte v1() {
    return v1;
  }

  /** The message id of wire protocol 2. */
  public int v2() {
    return v2;
  }

  /** The record that holds it; null for the types that end up as {@link Message.Other}. */
  @Nullable Class<? extends Message> content() {
    return content;
  }

  /** The one that this record holds. */
  static MessageType of(Class<? extends Message> content) {
    for (var type : ALL) {
      if (type.content == content) {
        return type;
      }
    }
    throw new IllegalArgumentException(content + " is no message of frp's");
  }

  public static @Nullable MessageType ofV1(byte code) {
    for (var type : ALL) {
      if (type.v1 == code) {
        return type;
      }
    }
    return null;
  }

  public static @Nullable MessageType ofV2(int id) {
    return id >= 1 && id <= ALL.length ? ALL[id - 1] : null;
  }
}
