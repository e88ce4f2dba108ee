// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
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
import io.github.harp.core.upstream.Upstream;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.WebSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each has an ExApp of the same id, on the same port, with the same secret. */
@DisplayName("Two Nextclouds whose ExApps dial in at one entrance")
class TwoPartiesTest {

  private static final int PORT = 23000;
  private static final ExApp EXAPP = TestExApp.at("127.0.0.1", PORT, "notes", "secret");

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final Ticker time = Ticker.systemTicker();
  private final Bans bans = Bans.of(100, Duration.ofMinutes(5), time);
  private final Instance one = instance("one");
  private final Instance two = instance("two");
  private final List<TunnelClient> clients = new ArrayList<>();
  private final Map<Instance, ExAppTunnels> tunnels = new HashMap<>();
  private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
  private TunnelEntrance entrance;
  private InetSocketAddress address;

  private Instance instance(String name) {
    return instance(name, "key of " + name);
  }

  private Instance instance(String name, String text) {
    var key = SharedKey.of(text);
    var nextcloud = new FakeNextcloud().with(EXAPP);
    return new Instance(
        new InstanceName(name),
        key,
        "",
        nextcloud,
        new CachedExAppRecords(nextcloud, time),
        new Sessions(nextcloud, Instance.SESSION_LIFETIME, time),
        new HmacTunnelTokens(key),
        bans);
  }

  @BeforeEach
  void start() throws Exception {
    entrance =
        new TunnelEntrance(
            new TunnelEntrance.Place(
                new ListenAddress("127.0.0.1", 0).toSocketAddress(),
                Optional.empty(),
                nobody -> false,
                WebSockets.LIKE_OTHERS,
                Optional.empty(),
                Optional.empty()),
            bans.tunnels(),
            new TunnelListener() {
              @Override
              public void refused(InetSocketAddress from, RefusalCode code, String reason) {
                refusals.add(reason);
              }
            },
            vertx,
            error -> {});
    admit(one);
    admit(two);
    address = get(entrance.start());
  }

  private void admit(Instance instance) {
    tunnels.put(instance, entrance.admit(party(instance)));
  }

  private ExAppTunnels of(Instance instance) {
    return Objects.requireNonNull(tunnels.get(instance));
  }

  private Party party(Instance instance) {
    return new Party(
        instance,
        UndialledEngines.numbered(),
        Optional.empty(),
        folder.resolve("tunnel-ports." + instance.name()),
        folder.resolve("withdrawn-passes." + instance.name()));
  }

  @AfterEach
  void stop() throws Exception {
    clients.forEach(TunnelClient::close);
    get(entrance.stop(Duration.ZERO));
    get(vertx.close());
  }

  @Test
  void eachReachesItsOwnExAppWithATokenOfItsOwn() throws Exception {
    dialIn(token(one), PORT, serving("one"));
    dialIn(token(two), PORT, serving("two"));

    assertThat(answerTo(one)).isEqualTo("one");
    assertThat(answerTo(two)).isEqualTo("two");
  }

  @Test
  void eachReachesItsOwnExAppWithItsKey() throws Exception {
    dialIn("key of two", PORT, serving("two"));
    dialIn("key of one", PORT, serving("one"));

    assertThat(answerTo(one)).isEqualTo("one");
    assertThat(answerTo(two)).isEqualTo("two");
  }

  @Test
  void noConnectionIsSharedByBoth() throws Exception {
    dialIn("key of one", PORT, serving("one"));
    dialIn("key of two", PORT, serving("two"));

    assertThat(upstream(one)).isNotEqualTo(upstream(two)).hasToString("tunnel:one:23000");
  }

  @Test
  void aTunnelOfOneIsNoneForTheOther() throws Exception {
    dialIn(token(one), PORT, serving("one"));

    assertThat(of(one).tunnels().at(PORT).holder()).isPresent();
    assertThat(of(two).tunnels().at(PORT).holder()).isEmpty();
    assertThat(upstream(two)).hasToString("directly");
    assertThat(folder.resolve("tunnel-ports.two")).doesNotExist();
  }

  @Test
  void anEngineOfOneIsNoneForTheOther() throws Exception {
    var number = new EngineNumber(24001);
    dialIn("key of one", number.value(), serving("engine of one"));

    assertThat(of(one).engines().numbers()).containsExactly(number);
    assertThat(of(two).engines().numbers()).isEmpty();

    dialIn("key of two", number.value(), serving("engine of two"));
    assertThat(answer(of(one).engines().find(number).orElseThrow())).isEqualTo("engine of one");
    assertThat(answer(of(two).engines().find(number).orElseThrow())).isEqualTo("engine of two");
  }

  @Test
  void aRecordOfOneEndsNoTunnelOfTheOther() throws Exception {
    dialIn(token(one), PORT, serving("one"));
    dialIn(token(two), PORT, serving("two"));

    two.records().put(TestExApp.at("127.0.0.1", PORT, "notes", "a later deployment's"));

    await().until(() -> of(two).tunnels().at(PORT).holder().isEmpty());
    assertThat(answerTo(one)).isEqualTo("one");
  }

  @Test
  void whatThereWasIsKeptForEachApart() throws Exception {
    dialIn(token(one), PORT, serving("one"));

    await().until(() -> folder.resolve("tunnel-ports.one").toFile().exists());
    assertThat(folder.resolve("tunnel-ports.one")).content().contains("23000 opened notes:");
  }

  @Test
  @DisplayName("one that is dismissed loses its tunnels, and nobody dials in for it any more")
  void oneThatIsDismissedHasNoTunnels() throws Exception {
    dialIn(token(one), PORT, serving("one"));
    dialIn(token(two), PORT, serving("two"));

    entrance.dismiss(of(one));

    await().until(() -> entrance.status().sessions().size() == 1);
    await().until(() -> refusals.stream().anyMatch(it -> it.contains("not valid here")));
    assertThat(answerTo(two)).isEqualTo("two");
    assertThat(folder.resolve("tunnel-ports.one")).content().contains("23000 opened notes:");
  }

  @Test
  @DisplayName("one of the same name with another key lets in nobody with the old one")
  void anotherOneOfTheSameNameIsAnother() throws Exception {
    dialIn(token(one), PORT, serving("one"));
    entrance.dismiss(of(one));
    var anew = instance("one", "another key");
    admit(anew);

    dialIn(token(anew), PORT, serving("anew"));

    assertThat(answerTo(anew)).isEqualTo("anew");
    assertThat(upstream(anew)).hasToString("tunnel:one:23000");
  }

  private static String token(Instance instance) {
    return instance.tokens().mint(EXAPP.deployment(), PORT);
  }

  /** A service that tells each who connects whose it is. */
  private int serving(String name) throws Exception {
    var server = vertx.createNetServer().connectHandler(socket -> socket.end(Buffer.buffer(name)));
    return get(server.listen(0, "127.0.0.1")).actualPort();
  }

  private void dialIn(String token, int port, int service) {
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", address.getPort())
                .metas(Map.of("token", token))
                .proxies(TunnelProxy.of("notes", port, new TunnelTarget.Tcp("127.0.0.1", service)))
                .build());
    clients.add(client);
    await().until(() -> client.status().isHealthy());
  }

  private Upstream upstream(Instance instance) throws Exception {
    Upstream directly = new Named("directly");
    return get(of(instance).upstreams(exApp -> Future.succeededFuture(directly)).locate(EXAPP));
  }

  private record Named(String name) implements Upstream {
    @Override
    public Future<Channel> connect(EventLoop loop) {
      throw new AssertionError("dialled " + name);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private String answerTo(Instance instance) throws Exception {
    return answer(upstream(instance));
  }

  private String answer(Upstream upstream) throws Exception {
    var said = new CompletableFuture<String>();
    var loop = ((VertxInternal) vertx).nettyEventLoopGroup().next();
    var channel = get(upstream.connect(loop));
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
    try {
      return said.get(20, TimeUnit.SECONDS);
    } finally {
      channel.close();
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
