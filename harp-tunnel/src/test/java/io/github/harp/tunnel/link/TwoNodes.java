// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.pki.NodeCertificates;
import io.github.harp.tunnel.server.TunnelServerOptions.Loops;
import io.github.harp.tunnel.yamux.YamuxSession.Pings;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A service at node "b", reached from node "a". */
abstract class TwoNodes {

  static final SocketKind TRANSPORT = SocketKind.best();
  static final byte[] SECRET = secret(1);
  static final Duration SHORT = Duration.ofSeconds(1);

  final EventLoopGroup loops = TRANSPORT.newLoops(3, "links-test");
  final BlockingQueue<Socket> callers = new LinkedBlockingQueue<>();

  /** What b was asked for as "held" and has not answered. */
  final BlockingQueue<Promise<Channel>> held = new LinkedBlockingQueue<>();

  ServerSocket service;
  Links a;
  Links b;
  InetSocketAddress atB;

  static byte[] secret(int seed) {
    var bytes = new byte[NodeCertificates.SECRET_BITS / Byte.SIZE];
    bytes[7] = (byte) seed;
    return bytes;
  }

  @BeforeEach
  void start() throws Exception {
    service = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var accepting = new Thread(this::accept, "service");
    accepting.setDaemon(true);
    accepting.start();
    a = links(certificates(SECRET, "a"), 0);
    b = links(certificates(SECRET, "b"), 0);
    atB = get(b.start());
  }

  void accept() {
    try {
      while (true) {
        callers.add(service.accept());
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  @AfterEach
  void stop() throws Exception {
    a.close();
    b.close();
    service.close();
    for (var caller : callers) {
      caller.close();
    }
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  static NodeCertificates certificates(byte[] secret, String node) {
    return NodeCertificates.of(secret, node, Clock.systemUTC());
  }

  Links links(NodeCertificates certificates, int port) {
    return links(certificates, port, new LinkOptions.Times());
  }

  Links links(NodeCertificates certificates, int port, LinkOptions.Times times) {
    return links(certificates, port, times, LinkOptions.HELD_BYTES);
  }

  Links links(NodeCertificates certificates, int port, LinkOptions.Times times, long heldBytes) {
    return new Links(
        new LinkOptions(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            certificates,
            new Loops(loops, loops, TRANSPORT.serverChannel()),
            TRANSPORT.tcpChannel(),
            times,
            heldBytes,
            error -> {}),
        this::receive);
  }

  Future<Channel> receive(String destination, EventLoop loop) {
    return switch (destination) {
      case "late" ->
          loop.newFailedFuture(new TunnelException(Code.TIMEOUT, "nobody answers in time"));
      case "service" -> toService(loop);
      case "held" -> {
        Promise<Channel> answer = loop.newPromise();
        held.add(answer);
        yield answer;
      }
      default ->
          loop.newFailedFuture(
              new TunnelException(Code.NO_SUCH_PORT, "nothing is called " + destination));
    };
  }

  Future<Channel> toService(EventLoop loop) {
    Promise<Channel> dialled = loop.newPromise();
    new Bootstrap()
        .group(loop)
        .channel(TRANSPORT.tcpChannel())
        .option(ChannelOption.AUTO_READ, false)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(service.getLocalSocketAddress())
        .addListener(
            (ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                dialled.trySuccess(connected.channel());
              } else {
                dialled.tryFailure(connected.cause());
              }
            });
    return dialled;
  }

  LinkedNode nodeB() {
    return node("b");
  }

  LinkedNode node(String name) {
    return new LinkedNode(
        name, atB.toString(), () -> CompletableFuture.completedFuture(List.of(atB)));
  }

  static LinkedNode nodeAt(InetSocketAddress... addresses) {
    return nodeAt(CompletableFuture.completedFuture(List.of(addresses)));
  }

  static LinkedNode nodeAt(CompletableFuture<List<InetSocketAddress>> addresses) {
    return new LinkedNode("b", "some place", () -> addresses);
  }

  Future<Channel> dialAt(LinkedNode node) {
    return a.dial(node, "service", loops.next());
  }

  /** In place of the one that is there. */
  void startB(LinkOptions.Times times) throws Exception {
    startB(times, LinkOptions.HELD_BYTES);
  }

  void startB(LinkOptions.Times times, long heldBytes) throws Exception {
    b.close();
    b = links(certificates(SECRET, "b"), 0, times, heldBytes);
    atB = get(b.start());
  }

  static LinkOptions.Times times(Duration connect, Duration answer) {
    return new LinkOptions.Times(connect, answer, new Pings(Duration.ofSeconds(5)));
  }

  Channel dial(String destination) throws Exception {
    return get(a.dial(nodeB(), destination, loops.next()));
  }

  Socket caller() throws Exception {
    var caller = callers.poll(20, TimeUnit.SECONDS);
    assertThat(caller).as("somebody who calls the service").isNotNull();
    return caller;
  }

  Promise<Channel> asked() throws Exception {
    var asked = held.poll(20, TimeUnit.SECONDS);
    assertThat(asked).as("what b is asked for").isNotNull();
    return asked;
  }

  static void pass(Future<Channel> dialled, Promise<Channel> to) {
    if (dialled.isSuccess()) {
      to.setSuccess(dialled.getNow());
    } else {
      to.setFailure(dialled.cause());
    }
  }

  static <T> T get(Future<T> future) throws Exception {
    assertThat(future.await(30, TimeUnit.SECONDS)).isTrue();
    if (!future.isSuccess()) {
      throw (Exception) future.cause();
    }
    return future.getNow();
  }

  static boolean endsSoon(Socket socket) throws IOException {
    try {
      socket.setSoTimeout(20_000);
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      return true;
    } catch (SocketTimeoutException stillThere) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }
}
