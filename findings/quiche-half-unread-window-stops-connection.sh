#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18's QUIC (quiche): a server grants a connection 1 MiB (initial_max_data). The application leaves one stream
# unread, and reads another as fast as it comes. As long as a little less than half of the 1 MiB lies in the stream that is
# not read, the other one carries any amount: credit is renewed. Once it is half, the connection gets no credit any more,
# whatever is read of other streams: they end after the second half, though nobody has reached a limit of theirs and half
# of the window is free again. The condition for a renewal is that less than half of the window is left and unread together.
#
# Needs Maven and a JDK (17 or newer) on Linux, x86-64. Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=4.2.18.Final

for module in netty-common netty-buffer netty-transport netty-resolver netty-handler netty-codec-base netty-transport-native-unix-common netty-codec-classes-quic; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder"
done
mvn -q -B dependency:copy -Dartifact="io.netty:netty-codec-native-quic:$version:jar:linux-x86_64" -DoutputDirectory="$folder"
keytool -genkeypair -keyalg EC -alias self -dname CN=localhost -storetype PKCS12 -keystore "$folder/self.p12" -storepass secret 2> /dev/null

cat > "$folder/HalfUnread.java" <<'JAVA'
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.*;
import io.netty.channel.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.*;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.FileInputStream;
import java.net.*;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;

public class HalfUnread {
  static final int WINDOW = 1 << 20, MUCH = 8 << 20;
  static final AtomicLong read = new AtomicLong();

  /** Reads no stream whose first byte is a 0; sharable. */
  @ChannelHandler.Sharable
  static class Reader extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var bytes = (ByteBuf) message;
      if (bytes.getByte(bytes.readerIndex()) == 0) {
        ctx.channel().config().setAutoRead(false);
      } else {
        read.addAndGet(bytes.readableBytes());
      }
      bytes.release();
    }
  }

  static void send(QuicChannel client, int first, int size) throws Exception {
    var stream = client.createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter()).sync().getNow();
    stream.writeAndFlush(Unpooled.buffer(1).writeByte(first)).sync();
    Thread.sleep(500);
    var bytes = Unpooled.buffer(size);
    while (bytes.isWritable()) {
      bytes.writeByte(1);
    }
    stream.writeAndFlush(bytes);
  }

  /** How much of 8 MiB is read while so much lies in another stream. */
  static long read(EventLoopGroup loops, KeyManagerFactory keys, int unread) throws Exception {
    read.set(0);
    var server =
        new QuicServerCodecBuilder()
            .sslContext(QuicSslContextBuilder.forServer(keys, "secret").applicationProtocols("x").build())
            .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
            .maxIdleTimeout(60, TimeUnit.SECONDS)
            .initialMaxData(WINDOW)
            .initialMaxStreamDataBidirectionalRemote(WINDOW)
            .initialMaxStreamsBidirectional(10)
            .handler(new ChannelInboundHandlerAdapter())
            .streamHandler(new Reader())
            .build();
    var listener =
        new Bootstrap().group(loops).channel(NioDatagramChannel.class).handler(server).bind("127.0.0.1", 0).sync().channel();
    var dialler =
        new QuicClientCodecBuilder()
            .sslContext(
                QuicSslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .applicationProtocols("x")
                    .endpointIdentificationAlgorithm(null)
                    .build())
            .maxIdleTimeout(60, TimeUnit.SECONDS)
            .build();
    var socket =
        new Bootstrap().group(loops).channel(NioDatagramChannel.class).handler(dialler).bind("127.0.0.1", 0).sync().channel();
    var client =
        QuicChannel.newBootstrap(socket)
            .handler(new ChannelInboundHandlerAdapter())
            .remoteAddress((InetSocketAddress) listener.localAddress())
            .connect()
            .get();
    send(client, 0, unread);
    Thread.sleep(1_000);
    send(client, 1, MUCH);
    for (int i = 0; i < 40 && read.get() < MUCH; i++) {
      Thread.sleep(250);
    }
    client.close().sync();
    listener.close().sync();
    socket.close().sync();
    return read.get();
  }

  public static void main(String[] arguments) throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    store.load(new FileInputStream(arguments[0]), "secret".toCharArray());
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, "secret".toCharArray());
    var loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    long less = read(loops, keys, WINDOW * 45 / 100);
    long more = read(loops, keys, WINDOW * 55 / 100);
    System.out.println("45 % of the window unread in one stream: " + less + " of " + MUCH + " bytes came on another");
    System.out.println("55 %: " + more + " bytes, then nothing for seconds");
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    System.exit(less >= MUCH && more < WINDOW ? 0 : 1);
  }
}
JAVA
java -cp "$folder/*" "$folder/HalfUnread.java" "$folder/self.p12" 2> "$folder/log" || { status=$?; tail -5 "$folder/log"; exit $status; }
