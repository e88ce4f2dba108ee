// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How many and how much a node allows another. */
class LinkBudgetsTest extends TwoNodes {

  private static final int MOST_LINKS = 256;
  private static final int MOST_IDLE = 1_024;
  private static final int MOST_WAITING = 4_096;

  @Override
  Future<Channel> receive(String destination, EventLoop loop) {
    return destination.equals("long")
        ? loop.newFailedFuture(new TunnelException(Code.NO_SUCH_PORT, "x".repeat(10_000)))
        : super.receive(destination, loop);
  }

  @Test
  void ofVeryManyNodesThoseThatAreNotThereAreForgotten() throws Exception {
    var carried = get(dialAt(nodeB()));
    for (var i = 0; i < MOST_LINKS + 100; i++) {
      var gone =
          new LinkedNode("gone", "place " + i, () -> CompletableFuture.completedFuture(List.of()));
      assertThatThrownBy(() -> get(dialAt(gone))).hasMessageContaining("it has no address");
      assertThat(a.status()).hasSizeLessThanOrEqualTo(MOST_LINKS);
    }

    assertThat(carried.isActive()).isTrue();
    assertThat(a.status())
        .filteredOn(LinkStatus::connected)
        .singleElement()
        .satisfies(it -> assertThat(it.node()).isEqualTo("b"));
  }

  @Test
  void noMoreWaitForAConnectionThanMayWait() throws Exception {
    var addresses = new CompletableFuture<List<InetSocketAddress>>();
    var all = new ArrayList<Future<Channel>>();
    for (var i = 0; i < MOST_WAITING + 10; i++) {
      all.add(dialAt(nodeAt(addresses)));
    }
    for (var i = MOST_WAITING; i < all.size(); i++) {
      var tooMany = all.get(i);
      assertThatThrownBy(() -> get(tooMany)).extracting("code").isEqualTo(Code.LIMIT_REACHED);
    }

    addresses.complete(List.of());
    for (var waited : all.subList(0, MOST_WAITING)) {
      assertThatThrownBy(() -> get(waited)).hasMessageContaining("it has no address");
    }
  }

  @Test
  void whoAsksAgainAndAgainForANodeThatIsGoneIsToldThat() throws Exception {
    var gone =
        nodeAt(
            CompletableFuture.<List<InetSocketAddress>>failedFuture(
                new IOException("no such host")));
    for (var i = 0; i < MOST_WAITING + 10; i++) {
      assertThatThrownBy(() -> get(dialAt(gone)))
          .hasMessage("no link to node b at some place: no such host");
    }
  }

  @Test
  void aFewAddressesAreTriedAndNoMore() throws Exception {
    var nobody = nobody();
    assertThat(get(dialAt(nodeAt(nobody, nobody, nobody, atB))).isActive()).isTrue();

    var beyond =
        new LinkedNode(
            "b",
            "another place",
            () -> CompletableFuture.completedFuture(List.of(nobody, nobody, nobody, nobody, atB)));
    assertThatThrownBy(() -> get(dialAt(beyond))).hasMessageContaining("no link to node b");
  }

  @Test
  void noReasonIsLongerThanALineOrTwo() {
    assertThatThrownBy(() -> dial("long"))
        .isInstanceOf(TunnelException.class)
        .hasMessage("x".repeat(300));
  }

  @Test
  void aLineThatDoesNotEndIsResetBeforeItDoes() throws Exception {
    startB(times(Duration.ofSeconds(20), Duration.ofHours(1)));
    var other = OtherNode.at(this);
    var known = other.stream();
    OtherNode.say(known, "service\n");
    caller();

    var endless = other.stream();
    OtherNode.say(endless, "x".repeat(Links.MAX_DESTINATION + 1));

    assertThat(OtherNode.isResetSoon(endless)).isTrue();
    assertThat(known.isActive()).isTrue();
  }

  @Test
  void whatNobodyReadsTakesNoMoreMemoryThanIsForAllLinks() throws Exception {
    startB(new LinkOptions.Times(), 256 << 10);
    var other = OtherNode.at(this);
    var asked = new ArrayList<Promise<Channel>>();
    for (var i = 0; i < 4; i++) {
      var unread = other.stream();
      OtherNode.say(unread, "held\n");
      asked.add(asked());
      OtherNode.say(unread, "x".repeat(200 << 10));
    }

    await().until(() -> asked.stream().anyMatch(Future::isCancelled));
  }

  @Test
  void streamsThatSayNothingAreNotKeptWhenThereAreVeryMany() throws Exception {
    startB(times(Duration.ofSeconds(20), Duration.ofHours(1)), 4L * 1_024 * MOST_IDLE);
    var carried = get(dialAt(nodeB()));
    var silent = new ArrayList<Channel>();

    for (var i = 0; i < 6; i++) {
      var other = OtherNode.at(this, 256);
      for (var stream = 0; stream < 200; stream++) {
        silent.add(other.stream());
        OtherNode.say(silent.get(silent.size() - 1), "serv");
      }
    }

    await().until(() -> silent.stream().filter(Channel::isActive).count() <= MOST_IDLE);
    assertThat(silent.get(0).isActive()).isFalse();
    assertThat(silent.get(silent.size() - 1).isActive()).isTrue();
    assertThat(carried.isActive()).isTrue();
  }

  @Test
  void aLineWithoutEndIsCutOff() {
    assertThatThrownBy(() -> dial("x".repeat(Links.MAX_DESTINATION + 1)))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("nothing is called");
    assertThatThrownBy(() -> dial("x".repeat(100_000))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> dial("service\nand more before the answer"))
        .isInstanceOf(IOException.class);
  }

  private static InetSocketAddress nobody() throws IOException {
    try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) closed.getLocalSocketAddress();
    }
  }
}
