// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.core.tunnels.Neighbours;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Where;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.pki.NodeCertificates;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.WebSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that know of each other's tunnels by a table that both have. */
class NeighboursTest {

  private static final String KEY = "the key of both";
  private static final int PORT = 23000;
  private static final ExApp EXAPP = TestExApp.at("127.0.0.1", PORT, "notes", "secret");
  private static final byte[] SECRET = new byte[NodeCertificates.SECRET_BITS / Byte.SIZE];

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final Ticker time = Ticker.systemTicker();
  private final DnsHostNames names =
      new DnsHostNames(((VertxInternal) vertx).nettyEventLoopGroup());
  private final Map<String, ListenAddress> addresses = new ConcurrentHashMap<>();
  private final List<TunnelClient> clients = new ArrayList<>();
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
    clients.forEach(TunnelClient::close);
    get(a.entrance.stop(Duration.ZERO));
    get(b.entrance.stop(Duration.ZERO));
    names.close();
    get(vertx.close());
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
              new TunnelEntrance.Place(
                  new ListenAddress("127.0.0.1", 0).toSocketAddress(),
                  Optional.empty(),
                  nobody -> false,
                  WebSockets.LIKE_OTHERS,
                  Optional.empty(),
                  Optional.of(
                      new NodesAround(
                          node -> Optional.ofNullable(addresses.get(node)),
                          new ListenAddress("127.0.0.1", 0),
                          NodeCertificates.of(SECRET, name, Clock.systemUTC()),
                          names))),
              bans.tunnels(),
              new TunnelListener() {},
              vertx,
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
    dialIn(b, token(b), PORT, serving("the ExApp"));

    assertThat(b.exApp(EXAPP)).hasToString("tunnel:23000");
    assertThat(a.exApp(EXAPP)).hasToString("tunnel:23000 at node b");
    assertThat(a.exApp(EXAPP)).isEqualTo(a.exApp(EXAPP));
    assertThat(answer(a.exApp(EXAPP))).isEqualTo("the ExApp");
    assertThat(a.entrance.links())
        .singleElement()
        .satisfies(link -> assertThat(link.connected()).isTrue());
  }

  @Test
  void anEngineIsReachedAtTheNodeThatItHasDialledInAt() throws Exception {
    var number = new EngineNumber(24001);
    dialIn(b, KEY, number.value(), serving("the engine"));

    assertThat(a.tunnels.engines().numbers()).containsExactly(number);
    assertThat(answer(a.tunnels.engines().find(number).orElseThrow())).isEqualTo("the engine");
  }

  @Test
  void anEngineThatDialsInElsewhereIsWaitedFor() throws Exception {
    var number = new EngineNumber(24001);
    dialIn(b, KEY, number.value(), serving("the engine"));
    var engines = a.tunnels.engines();
    var engine = engines.find(number).orElseThrow();
    assertThat(engines.find(number)).contains(engine);
    clients.remove(0).close();
    await().until(() -> engines.numbers().isEmpty());

    var answer = CompletableFuture.supplyAsync(() -> answered(engine));
    dialIn(a, KEY, number.value(), serving("the engine, elsewhere"));

    assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("the engine, elsewhere");
    assertThat(engines.find(new EngineNumber(24002))).isEmpty();
  }

  private String answered(Upstream upstream) {
    try {
      return answer(upstream);
    } catch (Exception e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void theOtherNodeSendsToATunnelWhatIsForItsExAppOnly() throws Exception {
    dialIn(b, token(b), PORT, serving("the ExApp"));
    var successor = TestExApp.at("127.0.0.1", PORT, "notes", "another secret");
    a.register.expect(successor.deployment(), PORT);
    b.register.remember(PORT, a.register.past().get(PORT));

    assertThatThrownBy(() -> answer(a.exApp(successor)))
        .rootCause()
        .hasMessageContaining("expected another");
    assertThat(answer(a.exApp(EXAPP))).isEqualTo("the ExApp");
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
  void anExAppWhoseTunnelEndedAMomentAgoIsWaitedFor() throws Exception {
    dialIn(b, token(b), PORT, serving("the ExApp"));
    var before = a.exApp(EXAPP);
    assertThat(before.isCurrent()).isTrue();
    clients.remove(0).close();
    await().until(() -> a.register.at(PORT) == Where.NOWHERE);
    assertThat(before.isCurrent()).isFalse();

    var answers =
        Stream.of(before, a.exApp(EXAPP))
            .map(each -> CompletableFuture.supplyAsync(() -> answered(each)))
            .toList();
    dialIn(a, token(a), PORT, serving("the ExApp, elsewhere"));

    for (var answer : answers) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("the ExApp, elsewhere");
    }
  }

  @Test
  void oneThatWasNotThereLatelyIsSaidNotToBeAtOnce() throws Exception {
    a.register.remember(PORT, new Past(true, true, List.of()));

    assertThatThrownBy(() -> answer(a.exApp(EXAPP)))
        .hasRootCauseMessage("remote port 23000: no client has opened it")
        .cause()
        .isInstanceOfSatisfying(
            HarpException.class,
            it -> assertThat(it.code()).isEqualTo(HarpException.Code.UNREACHABLE));
  }

  @Test
  void aNodeThatStopsLeavesStreamsTheTimeToEnd() throws Exception {
    dialIn(b, token(b), PORT, echoing());
    var stream = connect(a.exApp(EXAPP));
    var said = answerOn(stream);
    var stopped = b.entrance.stop(Duration.ofSeconds(20));
    await().until(() -> a.register.at(PORT) == Where.NOWHERE);

    stream.writeAndFlush(Unpooled.copiedBuffer("still there", US_ASCII));

    assertThat(said.get(20, TimeUnit.SECONDS)).isEqualTo("still there");
    assertThat(stopped.isComplete()).isFalse();
    stream.close();
    get(stopped);
  }

  private static String token(Node at) {
    return at.instance.tokens().mint(EXAPP.deployment(), PORT);
  }

  private int serving(String name) throws Exception {
    var server = vertx.createNetServer().connectHandler(socket -> socket.end(Buffer.buffer(name)));
    return get(server.listen(0, "127.0.0.1")).actualPort();
  }

  private void dialIn(Node at, String token, int port, int service) {
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", at.address.getPort())
                .metas(Map.of("token", token))
                .proxies(TunnelProxy.of("notes", port, new TunnelTarget.Tcp("127.0.0.1", service)))
                .build());
    clients.add(client);
    await().until(() -> client.status().isHealthy());
  }

  private int echoing() throws Exception {
    var server = vertx.createNetServer().connectHandler(socket -> socket.handler(socket::write));
    return get(server.listen(0, "127.0.0.1")).actualPort();
  }

  private String answer(Upstream upstream) throws Exception {
    var channel = connect(upstream);
    try {
      return answerOn(channel).get(20, TimeUnit.SECONDS);
    } finally {
      channel.close();
    }
  }

  private Channel connect(Upstream upstream) throws Exception {
    return get(upstream.connect(((VertxInternal) vertx).nettyEventLoopGroup().next()));
  }

  private static CompletableFuture<String> answerOn(Channel channel) {
    var said = new CompletableFuture<String>();
    channel
        .pipeline()
        .addLast(
            new SimpleChannelInboundHandler<ByteBuf>() {
              @Override
              protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                said.complete(bytes.toString(US_ASCII));
              }
            });
    channel.config().setAutoRead(true);
    return said;
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
