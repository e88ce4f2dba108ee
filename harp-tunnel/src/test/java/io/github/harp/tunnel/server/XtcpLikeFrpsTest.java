// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.SoftAssertions.assertSoftly;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleReport;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Between all kinds of NAT our server tells peers to do what the real frps tells them. */
class XtcpLikeFrpsTest {

  private static final String KEY = "any";

  /** Tries of which the third worked: what worked comes before what is still untried. */
  private static final List<Boolean> REPORTS = List.of(false, false, true, false, false);

  private enum Nat {
    EASY(List.of("192.0.2.1:4000", "192.0.2.1:4000"), List.of("10.0.0.1:4000")),
    IN_PUBLIC(List.of("192.0.2.1:4000", "192.0.2.1:4000"), List.of("192.0.2.1:4000")),
    REGULAR(List.of("192.0.2.1:4000", "192.0.2.1:4003"), List.of("10.0.0.1:4000")),
    RANDOM(List.of("192.0.2.1:4000", "192.0.2.1:53000"), List.of()),
    BOTH(List.of("192.0.2.1:4000", "192.0.2.2:65530"), List.of("10.0.0.1:4000", "10.1.0.1:4000"));

    private final List<String> mapped;
    private final List<String> own;

    Nat(List<String> mapped, List<String> own) {
      this.mapped = mapped;
      this.own = own;
    }
  }

  private record Pair(Nat owner, Nat visitor) {

    /** Both servers remember what worked by the address that they see. */
    private List<String> of(List<String> addresses, int peer) {
      var place = "198.51." + ordinal() + "." + peer;
      return addresses.stream().map(one -> one.replace("192.0.2.1", place)).toList();
    }

    private int ordinal() {
      return owner.ordinal() * Nat.values().length + visitor.ordinal();
    }
  }

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void peersAreToldTheSame(String version) throws Exception {
    var loopback = InetAddress.getLoopbackAddress();
    try (var ours =
            new TunnelServer(
                TunnelServerOptions.builder()
                    .address(new InetSocketAddress(loopback, 0))
                    .plain(true)
                    .authenticator(TunnelAuthenticator.sharedKey(KEY))
                    .build());
        var frps = frps(version)) {
      var told =
          toldBy(ours.start().get(30, TimeUnit.SECONDS), XtcpLikeFrpsTest::awaitOursToHaveHeard);
      var expected =
          toldBy(
              frps.address,
              (peers, sid) -> frps.process.awaitLog("sid [" + sid + "] report make hole success"));
      assertSoftly(
          all ->
              expected.forEach(
                  (pair, by) -> all.assertThat(told.get(pair)).as("%s", pair).isEqualTo(by)));
    }
  }

  /** A server handles what comes on different connections in any order, frps on one, too. */
  private interface ReportHeard {
    void await(XtcpPeers peers, String sid) throws Exception;
  }

  /** What comes on one connection is answered in its order. */
  private static void awaitOursToHaveHeard(XtcpPeers peers, String sid) throws Exception {
    peers.owner().control().send(peers.answer("after " + sid, List.of(), List.of()));
    peers.owner().control().expectNext(NatHoleResp.class);
  }

  private record Frps(FrpProcess process, InetSocketAddress address) implements AutoCloseable {
    @Override
    public void close() {
      process.close();
    }
  }

  private static Frps frps(String version) throws Exception {
    var loopback = InetAddress.getLoopbackAddress();
    int port;
    try (var socket = new ServerSocket(0, 1, loopback)) {
      port = socket.getLocalPort();
    }
    var toml = "bindAddr = \"127.0.0.1\"\nbindPort = " + port + "\n";
    var process = FrpBinaries.of(version).frps(toml).awaitLog("frps started successfully");
    return new Frps(process, new InetSocketAddress(loopback, port));
  }

  /** All pairs at once: the sender of each hears a second later. */
  private Map<Pair, List<String>> toldBy(InetSocketAddress server, ReportHeard heard)
      throws Exception {
    var pairs =
        Stream.of(Nat.values())
            .flatMap(owner -> Stream.of(Nat.values()).map(visitor -> new Pair(owner, visitor)))
            .toList();
    var threads = Executors.newFixedThreadPool(pairs.size());
    try {
      var tasks =
          pairs.stream()
              .map(pair -> (Callable<List<String>>) () -> told(pair, server, heard))
              .toList();
      var told = new LinkedHashMap<Pair, List<String>>();
      var all = threads.invokeAll(tasks, 2, TimeUnit.MINUTES);
      for (var i = 0; i < all.size(); i++) {
        told.put(pairs.get(i), all.get(i).get());
      }
      return told;
    } finally {
      threads.shutdownNow();
    }
  }

  private List<String> told(Pair pair, InetSocketAddress server, ReportHeard heard)
      throws Exception {
    var told = new ArrayList<String>();
    try (var peers = XtcpPeers.of(pair.toString(), server, loops, KEY)) {
      for (var success : REPORTS) {
        var sid =
            peers.begin(peers.visit(pair.of(pair.visitor.mapped, 2), pair.of(pair.visitor.own, 2)));
        peers
            .owner()
            .control()
            .send(peers.answer(sid, pair.of(pair.owner.mapped, 1), pair.of(pair.owner.own, 1)));
        told.add("owner " + text(peers.owner().control().expectNext(NatHoleResp.class), sid));
        told.add("visitor " + text(peers.visitor().control().expectNext(NatHoleResp.class), sid));
        peers.owner().control().send(new NatHoleReport(sid, success));
        heard.await(peers, sid);
      }
    }
    return told;
  }

  private static String text(NatHoleResp told, String sid) {
    return told.toString().replace(sid, "SID");
  }
}
