// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A name server on loopback that says, as Docker's does, that its answers are good for ten minutes,
 * and changes them when the test wants.
 */
public final class LoopbackNameServer implements AutoCloseable {

  private static final int TTL_SECONDS = 600;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<String, List<String>> addresses = new ConcurrentHashMap<>();
  private final Map<String, String> aliases = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Channel channel;

  public LoopbackNameServer() throws InterruptedException {
    this.channel =
        new Bootstrap()
            .group(loops)
            .channel(NioDatagramChannel.class)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel socket) {
                    socket
                        .pipeline()
                        .addLast(
                            new DatagramDnsQueryDecoder(),
                            new DatagramDnsResponseEncoder(),
                            new Answers());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
  }

  /** IPv4 and IPv6 addresses, in this order; none for a name that does not exist. */
  public LoopbackNameServer answer(String name, String... now) {
    addresses.put(name, List.of(now));
    return this;
  }

  public LoopbackNameServer alias(String name, String canonical) {
    aliases.put(name, canonical);
    return this;
  }

  /** The names that were asked for, one mention for each question about IPv4. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  /** Writes a {@code resolv.conf} that leads here. */
  public Path writeResolverFile(Path file, String... more) throws Exception {
    var lines = new ArrayList<>(List.of(more));
    lines.add("nameserver [127.0.0.1]:" + ((InetSocketAddress) channel.localAddress()).getPort());
    return Files.write(file, lines);
  }

  @Override
  public void close() throws InterruptedException {
    channel.close().sync();
    loops.shutdownGracefully();
  }

  private final class Answers extends SimpleChannelInboundHandler<DatagramDnsQuery> {

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query)
        throws Exception {
      DnsQuestion question = query.recordAt(DnsSection.QUESTION);
      var name = question.name().substring(0, question.name().length() - 1);
      if (question.type().equals(DnsRecordType.A)) {
        asked.add(name);
      }
      var canonical = aliases.getOrDefault(name, name);
      var found = addresses.getOrDefault(canonical, List.of());
      var response =
          new DatagramDnsResponse(query.recipient(), query.sender(), query.id())
              .setRecursionAvailable(true)
              .setCode(found.isEmpty() ? DnsResponseCode.NXDOMAIN : DnsResponseCode.NOERROR);
      response.addRecord(
          DnsSection.QUESTION, new DefaultDnsQuestion(question.name(), question.type()));
      if (!canonical.equals(name)) {
        response.addRecord(
            DnsSection.ANSWER, record(name, DnsRecordType.CNAME, encodedName(canonical)));
      }
      for (var address : found) {
        var bytes = NetUtil.createByteArrayFromIpAddressString(address);
        if (question.type().equals(bytes.length == 4 ? DnsRecordType.A : DnsRecordType.AAAA)) {
          response.addRecord(
              DnsSection.ANSWER, record(canonical, question.type(), Unpooled.wrappedBuffer(bytes)));
        }
      }
      context.writeAndFlush(response);
    }

    private static DefaultDnsRawRecord record(String name, DnsRecordType type, ByteBuf content) {
      return new DefaultDnsRawRecord(name + ".", type, TTL_SECONDS, content);
    }

    private static ByteBuf encodedName(String name) {
      var bytes = Unpooled.buffer();
      for (var label : name.split("\\.")) {
        bytes.writeByte(label.length());
        bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
      }
      return bytes.writeByte(0);
    }
  }
}
