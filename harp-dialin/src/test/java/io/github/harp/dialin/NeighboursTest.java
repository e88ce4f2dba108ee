// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static io.github.harp.dialin.DialledIn.get;
import static io.github.harp.proxy.transport.NettyFutures.asVertx;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.InstanceName;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.session.Sessions;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.core.tunnels.Neighbours;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Where;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.link.LinkOptions;
import io.github.harp.tunnel.link.LinkReceiver;
import io.github.harp.tunnel.link.LinkStatus;
import io.github.harp.tunnel.link.LinkedNode;
import io.github.harp.tunnel.link.Links;
import io.github.harp.tunnel.pki.NodeCertificates;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelServerOptions.Loops;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.Future;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes that know of each other's tunnels by a table that both have. */
class NeighboursTest {

  private static final String KEY = "the key of both";
  private static final int PORT = 23000;
  private static final ExApp EXAPP = TestExApp.at("127.0.0.1", PORT, "notes", "secret");
  private static final byte[] SECRET = new byte[NodeCertificates.SECRET_BITS / Byte.SIZE];

  @TempDir Path folder;

  private final DialledIn clients = new DialledIn();
  private final Ticker time = Ticker.systemTicker();
  private final EventLoopGroup loops = ((VertxInternal) clients.vertx).nettyEventLoopGroup();
  private final DnsHostNames names = new DnsHostNames(loops);
  private final Map<String, InetAddress> places = new ConcurrentHashMap<>();
  private final Map<String, InetAddress> remembered = new ConcurrentHashMap<>();
  private final Map<String, ListenAddress> addresses = new ConcurrentHashMap<>();
  private Node a;
  private Node b;

  @BeforeEach
  void start() throws Exception {
    a = new Node("a");
    b = new Node("b");
    a.other = b;
    b.other = a;
    for (var node : List.of(a, b)) {
      node.address = get(node.entrance.start());
      var linked = get(node.entrance.startForNodes()).orElseThrow();
      addresses.put(node.name, new ListenAddress("127.0.0.1", linked.getPort()));
    }
  }

  @AfterEach
  void stop() throws Exception {
    clients.clients.forEach(TunnelClient::close);
    get(a.entrance.stop(Duration.ZERO));
    get(b.entrance.stop(Duration.ZERO));
    names.close();
    get(clients.vertx.close());
  }

  /** Remembers where a name is until it is told to forget it. */
  private final class Remembered implements HostNames {

    @Override
    public Future<List<InetAddress>> resolve(String name) {
      return places.containsKey(name)
          ? Future.succeededFuture(List.of(remembered.computeIfAbsent(name, places::get)))
          : names.resolve(name);
    }

    @Override
    public void forget(String name) {
      remembered.remove(name);
    }
  }

  private static NodeCertificates certificates(String node) {
    return NodeCertificates.of(SECRET, node, Clock.systemUTC());
  }

  /** A node that says and answers what no entrance does. */
  private Links odd(String name, LinkReceiver receiver) {
    var transport = Transport.of(loops);
    return new Links(
        new LinkOptions(
            new InetSocketAddress("127.0.0.1", 0),
            certificates(name),
            new Loops(loops, loops, transport.serverChannel()),
            transport.tcpChannel(),
            new LinkOptions.Times(),
            LinkOptions.HELD_BYTES,
            error -> {}),
        receiver);
  }

  private final class Node implements Neighbours {

    private final String name;
    private final Instance instance;
    private final TunnelEntrance entrance;
    private final ExAppTunnels tunnels;
    private TunnelRegister register;
    private BiConsumer<Integer, String> end;
    private InetSocketAddress address;
    private Node other;

    Node(String name) throws Exception {
      this.name = name;
      var bans = Bans.of(100, Duration.ofMinutes(5), time);
      instance = Instance.of(SharedKey.of(KEY), new FakeNextcloud().with(EXAPP), bans, time);
      entrance =
          new TunnelEntrance(
              DialledIn.onLoopback(
                  Optional.of(
                      new NodesAround(
                          node -> Optional.ofNullable(addresses.get(node)),
                          new ListenAddress("127.0.0.1", 0),
                          certificates(name),
                          new Remembered()))),
              bans.tunnels(),
              new TunnelListener() {},
              clients.vertx,
              error -> {});
      tunnels =
          entrance.admit(
              new Party(
                  instance,
                  UndialledEngines.numbered(),
                  Optional.of(this),
                  folder.resolve(name),
                  folder.resolve("withdrawn-passes")));
    }

    @Override
    public void share(TunnelRegister register, BiConsumer<Integer, String> end) {
      this.register = register;
      this.end = end;
      register.watch(
          event ->
              event.when(
                  opened ->
                      other.register.elsewhere(
                          opened.port(), new Where.Elsewhere(name, opened.by())),
                  closed -> other.register.elsewhere(closed.port(), Where.NOWHERE),
                  past -> other.register.remember(past.port(), past.past())));
    }

    private Upstream exApp(ExApp exApp) {
      return tunnels.upstreams(direct -> Future.failedFuture("directly")).locate(exApp).result();
    }
  }

  @Test
  void anExAppIsReachedAtTheNodeThatItHasDialledInAt() throws Exception {
    dialIn(b, token(b), PORT, clients.serving("the ExApp"));

    assertThat(b.exApp(EXAPP)).hasToString("tunnel:23000");
    assertThat(a.exApp(EXAPP)).hasToString("tunnel:23000 at node b");
    assertThat(a.exApp(EXAPP)).isEqualTo(a.exApp(EXAPP));
    assertThat(clients.answer(a.exApp(EXAPP))).isEqualTo("the ExApp");
    assertThat(a.entrance.links())
        .singleElement()
        .satisfies(link -> assertThat(link.connected()).isTrue());
  }

  /** A second Nextcloud that a node serves. */
  private final class Second implements Neighbours {

    private final Instance instance;
    private final ExAppTunnels tunnels;
    private TunnelRegister register;
    private Second other;

    Second(Node at) {
      var key = SharedKey.of("the key of the second");
      var nextcloud = new FakeNextcloud().with(EXAPP);
      instance =
          new Instance(
              new InstanceName("second"),
              key,
              "",
              nextcloud,
              new CachedExAppRecords(nextcloud, time),
              new Sessions(nextcloud, Instance.SESSION_LIFETIME, time),
              new HmacTunnelTokens(key),
              Bans.of(100, Duration.ofMinutes(5), time));
      tunnels =
          at.entrance.admit(
              new Party(
                  instance,
                  UndialledEngines.numbered(),
                  Optional.of(this),
                  folder.resolve("second at " + at.name),
                  folder.resolve("withdrawn passes of the second at " + at.name)));
    }

    @Override
    public void share(TunnelRegister register, BiConsumer<Integer, String> end) {
      this.register = register;
      register.watch(
          event ->
              event.when(
                  opened ->
                      other.register.elsewhere(
                          opened.port(), new Where.Elsewhere("b", opened.by())),
                  closed -> other.register.elsewhere(closed.port(), Where.NOWHERE),
                  past -> other.register.remember(past.port(), past.past())));
    }
  }

  @Test
  void ofSeveralNextcloudsEachReachesItsOwnExAppAtTheOtherNode() throws Exception {
    var atA = new Second(a);
    var atB = new Second(b);
    atA.other = atB;
    atB.other = atA;
    dialIn(b, token(b), PORT, clients.serving("of the first"));
    dialIn(
        b,
        atB.instance.tokens().mint(EXAPP.deployment(), PORT),
        PORT,
        clients.serving("of the second"));

    var second = atA.tunnels.upstreams(direct -> Future.failedFuture("directly")).locate(EXAPP);
    assertThat(second.result()).hasToString("tunnel:second:23000 at node b");
    assertThat(clients.answer(second.result())).isEqualTo("of the second");
    assertThat(clients.answer(a.exApp(EXAPP))).isEqualTo("of the first");
  }

  @Test
  void anEngineIsReachedAtTheNodeThatItHasDialledInAt() throws Exception {
    var number = new EngineNumber(24001);
    dialIn(b, KEY, number.value(), clients.serving("the engine"));

    assertThat(a.tunnels.engines().numbers()).containsExactly(number);
    assertThat(clients.answer(a.tunnels.engines().find(number).orElseThrow()))
        .isEqualTo("the engine");
  }

  @Test
  void anEngineThatDialsInElsewhereIsWaitedFor() throws Exception {
    var number = new EngineNumber(24001);
    dialIn(b, KEY, number.value(), clients.serving("the engine"));
    var engines = a.tunnels.engines();
    var engine = engines.find(number).orElseThrow();
    assertThat(engines.find(number)).contains(engine);
    clients.clients.remove(0).close();
    await().until(() -> engines.numbers().isEmpty());
    assertThat(engines.find(number)).as("one that may be back").isPresent();

    var answer = CompletableFuture.supplyAsync(() -> answered(engine));
    dialIn(a, KEY, number.value(), clients.serving("the engine, elsewhere"));

    assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("the engine, elsewhere");
    assertThat(engines.find(new EngineNumber(24002))).isEmpty();
  }

  private String answered(Upstream upstream) {
    try {
      return clients.answer(upstream);
    } catch (Exception e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void theOtherNodeSendsToATunnelWhatIsForItsExAppOnly() throws Exception {
    dialIn(b, token(b), PORT, clients.serving("the ExApp"));
    var successor = TestExApp.at("127.0.0.1", PORT, "notes", "another secret");
    a.register.expect(successor.deployment(), PORT);
    b.register.remember(PORT, a.register.past().get(PORT));

    assertThatThrownBy(() -> clients.answer(a.exApp(successor)))
        .rootCause()
        .hasMessageContaining("expected another");
    assertThat(clients.answer(a.exApp(EXAPP))).isEqualTo("the ExApp");
  }

  @Test
  void theWayToANodeCanBeTried() throws Exception {
    get(a.entrance.tryLink("b"));
    assertThatThrownBy(() -> get(a.entrance.tryLink("c")))
        .hasMessageContaining("this node is not there");
    addresses.put("c", addresses.get("b"));
    assertThatThrownBy(() -> get(a.entrance.tryLink("c")))
        .hasMessageContaining("no link to node c");
  }

  @Test
  void aNodeThatIsNotWhereItWasIsLookedForAnew() throws Exception {
    places.put("host-of-b", InetAddress.getByName("127.0.0.9"));
    addresses.computeIfPresent("b", (b, place) -> new ListenAddress("host-of-b", place.port()));
    assertThatThrownBy(() -> get(a.entrance.tryLink("b")))
        .hasMessageContaining("no link to node b");

    places.put("host-of-b", InetAddress.getByName("127.0.0.1"));

    get(a.entrance.tryLink("b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {" .notes", " _notes", " -notes", " ", " notes ", " notes short", "/"})
  void aNodeThatAsksForSomethingUnknownIsNotTakenToAskForAnEngine(String unknown) throws Exception {
    dialIn(b, KEY, PORT, clients.serving("the engine"));
    var place = addresses.get("b").toSocketAddress();
    var there = new LinkedNode("b", "b", () -> CompletableFuture.completedFuture(List.of(place)));
    var odd = odd("odd", (destination, loop) -> loop.newPromise());
    try {
      assertThat(get(asVertx(odd.dial(there, PORT + "", loops.next()))).isActive()).isTrue();
      assertThatThrownBy(() -> get(asVertx(odd.dial(there, PORT + unknown, loops.next()))))
          .hasMessageContaining("a node asks for something unknown");
    } finally {
      odd.close();
    }
  }

  @Test
  void aServiceThatIsSlowIsDialledOnce() throws Exception {
    var asked = new AtomicInteger();
    var slow =
        odd(
            "slow",
            (destination, loop) -> {
              asked.incrementAndGet();
              return loop.newFailedFuture(
                  new TunnelException(TunnelException.Code.TIMEOUT, "nobody answers in time"));
            });
    try {
      addresses.put("slow", new ListenAddress("127.0.0.1", get(asVertx(slow.start())).getPort()));
      a.register.elsewhere(PORT, new Where.Elsewhere("slow", TunnelHolder.OF_KEY));
      a.register.remember(PORT, new Past(true, true, List.of()));

      assertThatThrownBy(() -> clients.answer(a.exApp(EXAPP)))
          .hasMessageContaining("nobody answers in time");
      assertThat(asked).hasValue(1);
    } finally {
      slow.close();
    }
  }

  @Test
  void anExAppWhoseTunnelEndedAMomentAgoIsWaitedFor() throws Exception {
    dialIn(b, token(b), PORT, clients.serving("the ExApp"));
    var before = a.exApp(EXAPP);
    assertThat(before.isCurrent()).isTrue();
    clients.clients.remove(0).close();
    await().until(() -> a.register.at(PORT) == Where.NOWHERE);
    assertThat(before.isCurrent()).isFalse();

    var answers =
        Stream.of(before, a.exApp(EXAPP))
            .map(each -> CompletableFuture.supplyAsync(() -> answered(each)))
            .toList();
    dialIn(a, token(a), PORT, clients.serving("the ExApp, elsewhere"));

    for (var answer : answers) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("the ExApp, elsewhere");
    }
  }

  @Test
  void oneThatWasNotThereLatelyIsSaidNotToBeAtOnce() throws Exception {
    a.register.remember(PORT, new Past(true, true, List.of()));

    assertThatThrownBy(() -> clients.answer(a.exApp(EXAPP)))
        .hasRootCauseMessage("remote port 23000: no client has opened it")
        .cause()
        .isInstanceOfSatisfying(
            HarpException.class,
            it -> assertThat(it.code()).isEqualTo(HarpException.Code.UNREACHABLE));
  }

  @Test
  void aNodeThatStopsLeavesStreamsTheTimeToEnd() throws Exception {
    dialIn(b, token(b), PORT, clients.echoing());
    var stream = clients.connect(a.exApp(EXAPP));
    var said = DialledIn.answerOn(stream);
    var stopped = b.entrance.stop(Duration.ofSeconds(20));
    await().until(() -> a.register.at(PORT) == Where.NOWHERE);

    stream.writeAndFlush(Unpooled.copiedBuffer("still there", US_ASCII));

    assertThat(said.get(20, TimeUnit.SECONDS)).isEqualTo("still there");
    assertThat(stopped.isComplete()).isFalse();
    stream.close();
    get(stopped);
    await().until(() -> a.entrance.links().stream().noneMatch(LinkStatus::connected));
  }

  private static String token(Node at) {
    return at.instance.tokens().mint(EXAPP.deployment(), PORT);
  }

  private void dialIn(Node at, String token, int port, int service) {
    clients.dialIn(at.address, token, "notes", port, service);
  }
}
