#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18: a channel with HTTP/2's codec in its pipeline is read on although autoRead is false: after each read the
# codec asks the channel for the next one by itself, as windows are meant to hold a peer back. Everywhere else in Netty
# autoRead=false is the pause of a connection. What has no window (heads, SETTINGS, PING) is not held back by it, so a
# server that pauses a connection whose answers are not taken goes on to read requests; a handler before the codec has
# to keep its reads.
#
# Needs Maven and a JDK (17 or newer). Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=4.2.18.Final

for module in netty-codec-http2 netty-codec-http netty-codec-base netty-codec-compression netty-common netty-buffer netty-transport netty-handler netty-resolver; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder"
done

cat > "$folder/Paused.java" <<'JAVA'
import io.netty.buffer.Unpooled;
import io.netty.channel.*;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.*;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

public class Paused {
  static int reads(ChannelHandler codec, byte[]... messages) {
    var reads = new AtomicInteger();
    var channel =
        new EmbeddedChannel(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                reads.incrementAndGet();
                ctx.read();
              }
            },
            codec);
    channel.config().setAutoRead(false);
    reads.set(0);
    for (var message : messages) {
      channel.writeInbound(Unpooled.copiedBuffer(message));
    }
    channel.finishAndReleaseAll();
    return reads.get();
  }

  public static void main(String[] arguments) {
    var get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    var preface = Unpooled.buffer();
    preface.writeBytes(Http2CodecUtil.connectionPrefaceBuf());
    preface.writeMedium(0).writeByte(4).writeByte(0).writeInt(0);
    var ping = Unpooled.buffer().writeMedium(8).writeByte(6).writeByte(0).writeInt(0).writeLong(7);
    var first = io.netty.buffer.ByteBufUtil.getBytes(preface);
    var next = io.netty.buffer.ByteBufUtil.getBytes(ping);
    System.out.println("HTTP/1.1, paused, 3 requests: asks for " + reads(new HttpServerCodec(), get, get, get) + " reads");
    System.out.println(
        "HTTP/2, paused, preface and 2 PINGs: asks for "
            + reads(Http2FrameCodecBuilder.forServer().build(), first, next, next) + " reads");
  }
}
JAVA
seen=$(java -cp "$folder/*" "$folder/Paused.java" 2>/dev/null)
echo "netty-codec-http2 $version:"
echo "$seen"
expected='HTTP/1.1, paused, 3 requests: asks for 0 reads
HTTP/2, paused, preface and 2 PINGs: asks for 3 reads'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
