// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import static io.github.harp.tunnel.frp.Bytes.hex;
import static io.github.harp.tunnel.frp.Bytes.outbound;
import static io.github.harp.tunnel.frp.Bytes.refusal;
import static io.github.harp.tunnel.frp.Bytes.split;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.frp.ClientMessage;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.MessageJson;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.github.harp.tunnel.frp.ServerMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class V2CodecTest {

  private static final String CLIENT_HELLO =
      "{\"bootstrap\":{\"transport\":\"tcp\",\"tls\":true,\"tcpMux\":true},\"capabilities\":{\"message\":{\"codecs\":[\"json\"]},"
          + "\"crypto\":{\"algorithms\":[\"aes-256-gcm\",\"xchacha20-poly1305\"],"
          + "\"clientRandom\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"}}}";
  private static final String SERVER_HELLO =
      "{\"selected\":{\"message\":{\"codec\":\"json\"},\"crypto\":{\"algorithm\":\"aes-256-gcm\","
          + "\"serverRandom\":\"ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\"}}}";
  private static final OpeningMessage.Login LOGIN =
      new OpeningMessage.Login(
          "1",
          "",
          "linux",
          "amd64",
          "",
          "",
          0,
          "",
          "",
          java.util.Map.of(),
          OpeningMessage.ClientSpec.NONE,
          1);

  @Test
  void derivesTheKeysOfTheDocument() {
    var keys = new KeySchedule(CLIENT_HELLO.getBytes(UTF_8), SERVER_HELLO.getBytes(UTF_8));
    assertThat(CLIENT_HELLO).hasSize(0xe4);
    assertThat(SERVER_HELLO).hasSize(0x8c);
    assertThat(HexFormat.of().formatHex(keys.clientToServer("12345678")))
        .isEqualTo("8f7fa4dc15696cf370c174d1a2fdc8d0c9bb99cb3d943fb79094e0928a278293");
    assertThat(HexFormat.of().formatHex(keys.serverToClient("12345678")))
        .isEqualTo("c35dffdfa348d68a1e5099de3027c78c2bebeb88aec19824ee70ba1b54ba3a05");
    assertThat(HexFormat.of().formatHex(keys.clientToServer("")))
        .isEqualTo("367937cf3c478c0e303d780a63b81844b2aa49b9899caf93b32ce79a0044a704");
  }

  @Test
  void writesTheServerHelloOfTheDocument() {
    var random =
        HexFormat.of().parseHex("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
    assertThat(new String(MessageJson.writeStructure(Hello.Server.accepting(random)), UTF_8))
        .isEqualTo(SERVER_HELLO);
    assertThat(new String(MessageJson.writeStructure(Hello.Server.refusing("no")), UTF_8))
        .isEqualTo(
            "{\"selected\":{\"message\":{\"codec\":\"json\"},\"crypto\":{}},\"error\":\"no\"}");
  }

  @Test
  void writesAClientHelloThatAServerCanRead() {
    var hello =
        new String(
            MessageJson.writeStructure(Hello.Client.offering(new byte[32], true, true)), UTF_8);
    assertThat(hello)
        .startsWith(
            "{\"bootstrap\":{\"transport\":\"tcp\",\"tls\":true,\"tcpMux\":true},\"capabilities\":{\"message\":")
        .contains("\"algorithms\":[\"aes-256-gcm\"]")
        .contains("\"clientRandom\":\"AAAA");
  }

  @Property(tries = 60)
  void bothSidesAgreeAndTalkEncrypted(@ForAll long seed) {
    var server = new EmbeddedChannel(new WireDetector(10_240), new Negotiator());
    var client = new EmbeddedChannel(V2Codec.client(true, true), new Negotiator());

    client.writeOutbound(LOGIN);
    split(outbound(client), seed).forEach(server::writeInbound);
    assertThat(server.<Message>readInbound()).isEqualTo(LOGIN);
    server.writeOutbound(new Message.LoginResp("1", "id", ""));
    server.pipeline().get(MessageCodec.class).encrypt("token");
    server.writeOutbound(new ServerMessage.ReqWorkConn());
    split(outbound(server), seed).forEach(client::writeInbound);
    assertThat(client.<Message>readInbound()).isEqualTo(new Message.LoginResp("1", "id", ""));
    assertThat(client.<Message>readInbound()).isEqualTo(new ServerMessage.ReqWorkConn());

    client.writeOutbound(ClientMessage.NewProxy.tcp("app", 23000, false, false));
    split(outbound(client), seed).forEach(server::writeInbound);
    assertThat(server.<Message>readInbound())
        .isEqualTo(ClientMessage.NewProxy.tcp("app", 23000, false, false));
  }

  @Test
  void aWorkConnectionNeedsNoHello() {
    var client = new EmbeddedChannel(V2Codec.client(true, true));
    var server = new EmbeddedChannel(new WireDetector(10_240));
    client.writeOutbound(OpeningMessage.NewWorkConn.of("id"));
    server.writeInbound(outbound(client));
    assertThat(server.<Message>readInbound()).isEqualTo(OpeningMessage.NewWorkConn.of("id"));
    server.writeOutbound(new Message.StartWorkConn("app", "", "", 0, 0, ""));
    client.writeInbound(outbound(server));
    assertThat(client.<Message>readInbound()).isInstanceOf(Message.StartWorkConn.class);
  }

  @Test
  void aLoginWithoutHelloCannotBeEncrypted() {
    var server = new EmbeddedChannel(V2Codec.server(10_240));
    server.writeInbound(hex("0010000000000004 0001 7b7d"));
    assertThat(server.<Message>readInbound()).isInstanceOf(OpeningMessage.Login.class);
    assertThat(server.pipeline().get(MessageCodec.class).canEncrypt()).isFalse();
  }

  @Test
  void refusesAClientWithoutACommonAlgorithmAndSaysSo() {
    var server = new EmbeddedChannel(V2Codec.server(10_240));
    var hello = CLIENT_HELLO.replace("\"aes-256-gcm\",", "").getBytes(UTF_8);
    var frame =
        Unpooled.buffer().writeShort(1).writeShort(0).writeInt(hello.length).writeBytes(hello);

    assertThatThrownBy(() -> server.writeInbound(frame)).isInstanceOf(DecoderException.class);
    ByteBuf answer = outbound(server);
    assertThat(answer.toString(UTF_8)).contains("no supported crypto algorithm");
    answer.release();
    assertThat(server.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0010 0001 00000004 0007 7b7d", // flags
        "0010 0000 00002801", // too long for what opens a connection
        "0001 0000 00002801",
        "0010 0000 00010001", // too long
        "0010 0000 ffffffff", // far too long
        "0002 0000 00000002 7b7d", // a ServerHello to a server
        "0003 0000 00000002 7b7d", // unknown frame
        "0010 0000 00000001 00", // no id
        "0010 0000 00000004 0000 7b7d", // unknown ids
        "0010 0000 00000004 0013 7b7d",
        "0010 0000 00000003 0007 7b", // no JSON
      })
  void refusesABrokenFrame(String frame) {
    var server = new EmbeddedChannel(V2Codec.server(10_240));
    assertThatThrownBy(() -> server.writeInbound(hex(frame))).isInstanceOf(DecoderException.class);
    server.finishAndReleaseAll();
  }

  @Test
  void aClientRefusesAnAnswerThatSkipsTheNegotiation() {
    var client = new EmbeddedChannel(V2Codec.client(true, true));
    client.writeOutbound(LOGIN);
    assertThatThrownBy(() -> client.writeInbound(hex("0010000000000004 0002 7b7d")))
        .isInstanceOf(DecoderException.class);
    client.finishAndReleaseAll();
  }

  @Property(tries = 200)
  void survivesAnyBytes(@ForAll @Size(max = 100) byte[] bytes, @ForAll long seed) {
    var server = new EmbeddedChannel(V2Codec.server(10_240));
    var refusal = refusal(server, split(Unpooled.copiedBuffer(bytes), seed));
    assertThat(refusal == null || !refusal.getMessage().isBlank()).isTrue();
    server.finishAndReleaseAll();
  }

  private static final class Negotiator extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ctx.fireChannelRead(msg);
      if (msg instanceof Message.LoginResp) {
        ctx.pipeline().get(MessageCodec.class).encrypt("token");
      }
    }
  }
}
