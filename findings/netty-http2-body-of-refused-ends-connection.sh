#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18: a client of HTTP/2 that does not know the limit of streams yet, since the server's SETTINGS are on their
# way, opens one more than it, with a body behind. RFC 9113 has that refused by itself (5.1.2), and frames that come for a
# stream after its reset discarded (5.1). Netty resets the stream, and takes its DATA for an error of the whole connection:
# GOAWAY, PROTOCOL_ERROR, and the request on the other stream dies. Without a body the other request is answered.
#
# Needs Maven and a JDK (17 or newer). Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=4.2.18.Final

for module in netty-common netty-buffer netty-transport netty-resolver netty-handler netty-codec-base netty-codec-compression netty-codec-http netty-codec-http2 netty-transport-native-unix-common; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder"
done

cat > "$folder/OneTooMany.java" <<'JAVA'
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.*;
import io.netty.util.ReferenceCountUtil;
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

public class OneTooMany {
  static final int DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, GOAWAY = 7;
  static final int END_STREAM = 1, END_HEADERS = 4;

  static class Answer extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      if (frame instanceof Http2HeadersFrame) {
        var head = new DefaultHttp2Headers().status("200");
        ctx.executor().schedule(() -> ctx.writeAndFlush(new DefaultHttp2HeadersFrame(head, true)), 1, TimeUnit.SECONDS);
      }
      ReferenceCountUtil.release(frame);
    }
  }

  static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload) throws IOException {
    out.writeByte(0);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
  }

  static byte[] head(String method) throws IOException {
    var block = new ByteArrayOutputStream();
    for (var text : new String[][] {{":method", method}, {":scheme", "http"}, {":authority", "localhost"}, {":path", "/"}}) {
      block.write(0);
      for (var part : text) {
        block.write(part.length());
        block.writeBytes(part.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return block.toByteArray();
  }

  static void run(String method, byte[] body) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    var server =
        new ServerBootstrap().group(group).channel(NioServerSocketChannel.class)
            .childHandler(new ChannelInitializer<Channel>() {
              protected void initChannel(Channel channel) {
                var settings = Http2Settings.defaultSettings().maxConcurrentStreams(1);
                channel.pipeline().addLast(
                    Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
                    new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                      protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new Answer());
                      }
                    }));
              }
            })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).sync().channel();
    int port = ((InetSocketAddress) server.localAddress()).getPort();
    var seen = new StringBuilder();
    try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.setSoTimeout(10_000);
      var all = new ByteArrayOutputStream();
      var out = new DataOutputStream(all);
      out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      frame(out, SETTINGS, 0, 0, new byte[0]);
      frame(out, HEADERS, END_HEADERS | END_STREAM, 1, head("GET"));
      frame(out, HEADERS, END_HEADERS | (body == null ? END_STREAM : 0), 3, head(method));
      if (body != null) {
        frame(out, DATA, END_STREAM, 3, body);
      }
      client.getOutputStream().write(all.toByteArray());
      var in = new DataInputStream(client.getInputStream());
      for (boolean ended = false; !ended; ) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        in.readUnsignedByte();
        int stream = in.readInt();
        var payload = new DataInputStream(new ByteArrayInputStream(in.readNBytes(length)));
        if (type == RST_STREAM) {
          seen.append("; stream ").append(stream).append(" is reset with error ").append(payload.readInt());
        } else if (type == HEADERS) {
          seen.append("; stream ").append(stream).append(" is answered");
          ended = stream == 1;
        } else if (type == GOAWAY) {
          payload.readInt();
          seen.append("; the connection ends with error ").append(payload.readInt());
          ended = true;
        }
      }
    } catch (IOException e) {
      seen.append("; ").append(e);
    }
    System.out.println((body == null ? "without a body" : "with a body") + seen);
    server.close().sync();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  public static void main(String[] arguments) throws Exception {
    run("GET", null);
    run("POST", new byte[5]);
  }
}
JAVA
seen=$(java -cp "$folder/*" "$folder/OneTooMany.java" 2>/dev/null)
echo "netty $version:"
echo "$seen"
expected='without a body; stream 3 is reset with error 7; stream 1 is answered
with a body; stream 3 is reset with error 7; the connection ends with error 1'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
