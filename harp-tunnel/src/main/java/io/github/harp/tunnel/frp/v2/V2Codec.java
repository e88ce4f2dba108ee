// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.MessageJson;
import io.github.harp.tunnel.frp.MessageType;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.AsciiString;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Wire protocol 2: frames of a type, flags, a length and a payload, which is a message id and JSON.
 *
 * <p>A client's first message is preceded by the magic, and a {@link OpeningMessage.Login} also by
 * the ClientHello. A server answers the hello by itself; a client checks the answer by itself.
 * Either way the owner sees messages only.
 *
 * @see <a href="https://github.com/fatedier/frp/tree/v0.70.1/pkg/proto/wire">frp v0.70.1,
 *     pkg/proto/wire</a>
 */
public final class V2Codec extends MessageCodec {

  /**
   * The first bytes of every logical connection, consumed by the server before its codec sees any.
   */
  public static final AsciiString MAGIC = AsciiString.of("FRP\u0000\u0002\r\n");

  static final int MAX_FRAME_BYTES = 65_536;
  private static final int HEADER_BYTES = 2 + 2 + 4;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_HELLO = 2;
  private static final int MESSAGE = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private enum Role {
    CLIENT,
    SERVER,
    /** Inside the cipher: messages only, whoever we are. */
    INSIDE
  }

  private final Role role;
  private final boolean tls;
  private final boolean tcpMux;
  private final int mostBytes;
  private boolean openingSent;
  private byte @Nullable [] clientHello;
  private @Nullable KeySchedule keys;

  private V2Codec(Role role, boolean tls, boolean tcpMux, int mostBytes) {
    this.role = role;
    this.tls = tls;
    this.tcpMux = tcpMux;
    this.mostBytes = Math.min(mostBytes, MAX_FRAME_BYTES);
  }

  /** For a connection that this side opens; the arguments only describe it to the server. */
  public static V2Codec client(boolean tls, boolean tcpMux) {
    return new V2Codec(Role.CLIENT, tls, tcpMux, MAX_FRAME_BYTES);
  }

  /**
   * For an accepted connection whose magic has been read.
   *
   * @param mostBytes of a frame that is read until the connection is encrypted, {@link
   *     #MAX_FRAME_BYTES} at most
   */
  static V2Codec server(int mostBytes) {
    return new V2Codec(Role.SERVER, false, false, mostBytes);
  }

  @Override
  public WireProtocol wire() {
    return WireProtocol.V2;
  }

  @Override
  public boolean canEncrypt() {
    return keys != null;
  }

  @Override
  protected ChannelHandler cipher(String token) {
    var schedule = keys;
    if (schedule == null) {
      throw new IllegalStateException("no encryption was negotiated on this connection");
    }
    var fromClient = schedule.clientToServer(token);
    var fromServer = schedule.serverToClient(token);
    return role == Role.SERVER
        ? new AeadCipher(true, fromClient, fromServer)
        : new AeadCipher(false, fromServer, fromClient);
  }

  @Override
  protected MessageCodec inside() {
    return new V2Codec(Role.INSIDE, tls, tcpMux, MAX_FRAME_BYTES);
  }

  @Override
  protected void read(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < HEADER_BYTES) {
      return;
    }
    int type = in.getUnsignedShort(in.readerIndex());
    int flags = in.getUnsignedShort(in.readerIndex() + 2);
    long length = in.getUnsignedInt(in.readerIndex() + 4);
    if (flags != 0) {
      throw new CorruptedFrameException("frame with flags 0x%04x; expected none".formatted(flags));
    }
    if (length > mostBytes) {
      throw new TooLongFrameException(
          "frame announces %d bytes; expected 0-%d".formatted(length, mostBytes));
    }
    requireExpected(type);
    if (in.readableBytes() < HEADER_BYTES + length) {
      return;
    }
    in.skipBytes(HEADER_BYTES);
    var payload = in.readSlice((int) length);
    switch (type) {
      case CLIENT_HELLO -> answer(ctx, ByteBufUtil.getBytes(payload));
      case SERVER_HELLO -> check(ByteBufUtil.getBytes(payload));
      default -> out.add(message(payload));
    }
  }

  /** One hello per connection, and only where it makes sense. */
  private void requireExpected(int type) {
    boolean expected =
        switch (type) {
          case MESSAGE -> role != Role.CLIENT || clientHello == null || keys != null;
          case CLIENT_HELLO -> role == Role.SERVER && keys == null;
          case SERVER_HELLO -> role == Role.CLIENT && clientHello != null && keys == null;
          default -> false;
        };
    if (!expected) {
      throw new CorruptedFrameException("frame type %d is not expected here".formatted(type));
    }
  }

  private static Message message(ByteBuf payload) {
    if (payload.readableBytes() < 2) {
      throw new CorruptedFrameException(
          "message frame of %d bytes has no id".formatted(payload.readableBytes()));
    }
    int id = payload.readUnsignedShort();
    var type = MessageType.ofV2(id);
    if (type == null) {
      throw new CorruptedFrameException("message id %d is none of frp's".formatted(id));
    }
    return MessageJson.read(type, ByteBufUtil.getBytes(payload));
  }

  private void answer(ChannelHandlerContext ctx, byte[] hello) {
    var refusal = MessageJson.readAs(Hello.Client.class, "ClientHello", hello).refusal();
    if (refusal != null) {
      var answer = MessageJson.writeStructure(Hello.Server.refusing(refusal));
      ctx.writeAndFlush(frame(ctx, SERVER_HELLO, answer)).addListener(ChannelFutureListener.CLOSE);
      throw new CorruptedFrameException("ClientHello refused: " + refusal);
    }
    var answer = MessageJson.writeStructure(Hello.Server.accepting(random()));
    keys = new KeySchedule(hello, answer);
    ctx.writeAndFlush(frame(ctx, SERVER_HELLO, answer));
  }

  private void check(byte[] hello) {
    var refusal = MessageJson.readAs(Hello.Server.class, "ServerHello", hello).refusal();
    if (refusal != null) {
      throw new CorruptedFrameException(refusal);
    }
    var offered = clientHello;
    if (offered == null) {
      throw new IllegalStateException("a hello was checked that nothing had asked for");
    }
    keys = new KeySchedule(offered, hello);
  }

  @Override
  protected void encode(ChannelHandlerContext ctx, Message message, ByteBuf out) {
    if (role == Role.CLIENT && !openingSent) {
      openingSent = true;
      out.writeBytes(MAGIC.array(), MAGIC.arrayOffset(), MAGIC.length());
      if (message instanceof OpeningMessage.Login) {
        var hello = MessageJson.writeStructure(Hello.Client.offering(random(), tls, tcpMux));
        clientHello = hello;
        writeFrame(out, CLIENT_HELLO, hello);
      }
    }
    var json = MessageJson.write(message);
    if (json.length > MAX_FRAME_BYTES - 2) {
      throw new EncoderException(
          "%s has %d bytes of JSON; a peer takes at most %d"
              .formatted(message.type(), json.length, MAX_FRAME_BYTES - 2));
    }
    writeHeader(out, MESSAGE, 2 + json.length);
    out.writeShort(message.type().v2()).writeBytes(json);
  }

  private static ByteBuf frame(ChannelHandlerContext ctx, int type, byte[] payload) {
    var frame = ctx.alloc().buffer(HEADER_BYTES + payload.length);
    writeFrame(frame, type, payload);
    return frame;
  }

  private static void writeFrame(ByteBuf out, int type, byte[] payload) {
    writeHeader(out, type, payload.length);
    out.writeBytes(payload);
  }

  private static void writeHeader(ByteBuf out, int type, int length) {
    out.writeShort(type).writeShort(0).writeInt(length);
  }

  private static byte[] random() {
    var random = new byte[Hello.RANDOM_BYTES];
    RANDOM.nextBytes(random);
    return random;
  }
}
