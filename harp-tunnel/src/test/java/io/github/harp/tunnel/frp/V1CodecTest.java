// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import static io.github.harp.tunnel.frp.Bytes.hex;
import static io.github.harp.tunnel.frp.Bytes.inbound;
import static io.github.harp.tunnel.frp.Bytes.outbound;
import static io.github.harp.tunnel.frp.Bytes.refusal;
import static io.github.harp.tunnel.frp.Bytes.split;
import static io.github.harp.tunnel.frp.Bytes.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.EncoderException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class V1CodecTest {

  @Test
  void framesTheEmptyMessageAsInTheDocument() {
    var channel = new EmbeddedChannel(new V1Codec());
    channel.writeOutbound(new ServerMessage.ReqWorkConn());
    assertThat(written(channel)).isEqualTo("7200000000000000027b7d");
  }

  @Test
  void framesTheLoginOfTheDocumentIn190Bytes() {
    var channel = new EmbeddedChannel(new V1Codec());
    channel.writeOutbound(
        new OpeningMessage.Login(
            "0.61.1",
            "",
            "linux",
            "amd64",
            "",
            PrivilegeKey.of("", 1_700_000_000),
            1_700_000_000,
            "",
            "",
            Map.of("token", "secret"),
            OpeningMessage.ClientSpec.NONE,
            1));
    var frame = outbound(channel);
    assertThat(frame.readableBytes()).isEqualTo(190);
    assertThat(ByteBufUtil.hexDump(frame)).startsWith("6f00000000000000b57b22");
    frame.release();
  }

  @Property(tries = 200)
  void readsMessagesHoweverTheStreamIsCut(
      @ForAll @Size(max = 12) List<@IntRange(max = 4) Integer> kinds, @ForAll long seed) {
    var sent = new ArrayList<Message>();
    var writer = new EmbeddedChannel(new V1Codec());
    for (int kind : kinds) {
      sent.add(
          switch (kind) {
            case 0 -> new ServerMessage.ReqWorkConn();
            case 1 -> ClientMessage.NewProxy.tcp("näme <" + seed + ">", 23000, false, false);
            case 2 -> new Message.StartWorkConn("a", "::1", "::1", 65535, 0, "");
            case 3 -> OpeningMessage.NewWorkConn.of("x".repeat(5000));
            default -> new ServerMessage.Pong("denied");
          });
      writer.writeOutbound(sent.get(sent.size() - 1));
    }
    var reader = new EmbeddedChannel(new V1Codec());
    split(outbound(writer), seed).forEach(reader::writeInbound);

    assertThat(reader.inboundMessages()).containsExactlyElementsOf(List.<Object>copyOf(sent));
    assertThat(reader.finish()).isEqualTo(!sent.isEmpty());
  }

  @Property(tries = 300)
  void refusesAHostileLengthFromTheHeaderAlone(@ForAll long length) {
    if (length >= 0 && length <= V1Codec.MAX_MESSAGE_BYTES) {
      return;
    }
    var channel = new EmbeddedChannel(new V1Codec());
    assertThatThrownBy(
            () -> channel.writeInbound(Unpooled.buffer().writeByte('o').writeLong(length)))
        .isInstanceOf(DecoderException.class)
        .hasMessageContaining("expected 0-10240");
  }

  @Property(tries = 200)
  void survivesAnyBytes(
      @ForAll @Size(max = 200) byte[] bytes, @ForAll @LongRange(max = 9) long seed) {
    var channel = new EmbeddedChannel(new V1Codec());
    var refusal = refusal(channel, split(Unpooled.copiedBuffer(bytes), seed));
    assertThat(refusal == null || !refusal.getMessage().isBlank()).isTrue();
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "7f", "46", "48", "16", "ff"})
  void refusesAnUnknownTypeFromItsFirstByte(String firstByte) {
    var channel = new EmbeddedChannel(new V1Codec());
    assertThatThrownBy(() -> channel.writeInbound(hex(firstByte)))
        .isInstanceOf(DecoderException.class)
        .hasMessageContaining("0x" + firstByte);
  }

  @Test
  void takesAMessageOfExactlyTheLimit() {
    var json = "{\"x\":\"" + "y".repeat(V1Codec.MAX_MESSAGE_BYTES - 8) + "\"}";
    var channel = new EmbeddedChannel(new V1Codec());
    channel.writeInbound(
        Unpooled.buffer().writeByte('r').writeLong(json.length()).writeBytes(json.getBytes(UTF_8)));
    assertThat(channel.<Message>readInbound()).isEqualTo(new ServerMessage.ReqWorkConn());
  }

  @Test
  void neverWritesWhatAPeerWouldHangUpOn() {
    var channel = new EmbeddedChannel(new V1Codec());
    assertThatThrownBy(
            () ->
                channel.writeOutbound(
                    new ServerMessage.Pong("x".repeat(V1Codec.MAX_MESSAGE_BYTES))))
        .isInstanceOf(EncoderException.class)
        .hasMessageContaining("at most 10240");
  }

  @Property(tries = 50)
  void handsTheBytesBehindAMessageToWhoeverFollows(@ForAll long seed) {
    var channel = new EmbeddedChannel(new V1Codec(), new PayloadAfter(Message.StartWorkConn.class));
    var stream = Unpooled.buffer();
    var writer = new EmbeddedChannel(new V1Codec());
    writer.writeOutbound(new Message.StartWorkConn("app", "", "", 0, 0, ""));
    stream.writeBytes(outbound(writer)).writeBytes("GET / HTTP/1.1\r\n".getBytes(UTF_8));
    split(stream, seed).forEach(channel::writeInbound);

    assertThat(channel.<Message>readInbound()).isInstanceOf(Message.StartWorkConn.class);
    assertThat(inbound(channel).toString(UTF_8)).isEqualTo("GET / HTTP/1.1\r\n");
    assertThat(channel.pipeline().get(V1Codec.class)).isNull();
  }

  @Property(tries = 50)
  void decryptsTheBytesBehindALoginResp(@ForAll long seed) {
    var reader = new EmbeddedChannel(new V1Codec(), new EncryptedAfterLoginResp());
    split(
            hex(
                """
                310000000000000030 7b2276657273696f6e223a22302e36312e31222c2272756e5f6964223a2230313233343536373839616263646566227d
                d22d5cd9558376566e704894c8e01ddd
                10b98d6c472ba97f8577ba
                12b30feb85036b8045cd79982713112232283c84a65ce6ab20df774c7c6b4a44ff35beb71015772319e8ab5a8fc4671469caab44
                """),
            seed)
        .forEach(reader::writeInbound);

    assertThat(reader.inboundMessages())
        .containsExactly(
            new Message.LoginResp("0.61.1", "0123456789abcdef", ""),
            new ServerMessage.ReqWorkConn(),
            new ServerMessage.NewProxyResp("app", ":23000", ""));
  }

  private static final class PayloadAfter extends ChannelInboundHandlerAdapter {
    private final Class<?> last;

    PayloadAfter(Class<?> last) {
      this.last = last;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ctx.fireChannelRead(msg);
      if (last.isInstance(msg)) {
        ctx.pipeline().get(MessageCodec.class).handOver();
      }
    }
  }

  private static final class EncryptedAfterLoginResp extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ctx.fireChannelRead(msg);
      if (msg instanceof Message.LoginResp) {
        ctx.pipeline().get(MessageCodec.class).encrypt("");
      }
    }
  }
}
