// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is dialled at another node, and how long that is waited for. */
class LinkDiallingTest extends TwoNodes {

  @Override
  Future<Channel> receive(String destination, EventLoop loop) {
    if (!destination.equals("slow")) {
      return super.receive(destination, loop);
    }
    Promise<Channel> answer = loop.newPromise();
    loop.schedule(
        () -> toService(loop).addListener((Future<Channel> it) -> pass(it, answer)),
        2 * SHORT.toMillis(),
        TimeUnit.MILLISECONDS);
    return answer;
  }

  @Test
  void aNodeThatIsSomewhereElseNowIsDialledThere() throws Exception {
    get(dialAt(nodeB()));
    var moved = links(certificates(SECRET, "b"), 0);
    try {
      atB = get(moved.start());
      get(dialAt(nodeB()));
      assertThat(a.status()).hasSize(2);
    } finally {
      moved.close();
    }
  }

  @Test
  void whatANodeThatStopsHasDialledEnds() throws Exception {
    get(dialAt(nodeB()));
    var caller = caller();

    a.close();

    assertThat(endsSoon(caller)).isTrue();
  }

  @Test
  void whoHasGivenUpMeanwhileIsNotDialledForAndTakesNobodysPlace() throws Exception {
    var addresses = new CompletableFuture<List<InetSocketAddress>>();
    var node = nodeAt(addresses);
    for (var i = 0; i < 500; i++) {
      dialAt(node).cancel(false);
    }
    var last = dialAt(node);

    addresses.complete(List.of(atB));

    get(last);
    caller();
    assertThat(callers).isEmpty();
    assertThat(a.status()).singleElement().extracting("streams").isEqualTo(1);
  }

  @Test
  void whoWaitsForItsTurnWhenTheConnectionIsLostIsNotForgotten() throws Exception {
    var all = new ArrayList<Future<Channel>>();
    for (var i = 0; i < 200; i++) {
      all.add(a.dial(nodeB(), "held", loops.next()));
    }
    await().until(() -> held.size() == 128);

    b.close();
    b = links(certificates(SECRET, "b"), atB.getPort());
    get(b.start());

    await()
        .until(
            () -> {
              for (var asked = held.poll(); asked != null; asked = held.poll()) {
                asked.tryFailure(new TunnelException(Code.NO_SUCH_PORT, "no"));
              }
              return all.stream().allMatch(Future::isDone);
            });
  }

  @Test
  void oneThatAcceptsAndSaysNothingIsNotWaitedForForEver() throws Exception {
    var hurried = links(certificates(SECRET, "a"), 0, times(SHORT, Duration.ofHours(1)));
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var node = nodeAt((InetSocketAddress) silent.getLocalSocketAddress());
      assertThatThrownBy(() -> get(hurried.dial(node, "service", loops.next())))
          .hasMessageContaining("handshake timed out");
      assertThat(endsSoon(silent.accept())).isTrue();
    } finally {
      hurried.close();
    }
  }

  @Test
  void oneThatDoesNotAcceptIsNotWaitedForForEver() throws Exception {
    var hurried = links(certificates(SECRET, "a"), 0, times(SHORT, Duration.ofHours(1)));
    var callers = new ArrayList<Socket>();
    try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // More than wait to be accepted: the kernel answers no more then.
      for (var i = 0; i < 2; i++) {
        callers.add(new Socket(full.getInetAddress(), full.getLocalPort()));
      }
      var node = nodeAt((InetSocketAddress) full.getLocalSocketAddress());
      assertThatThrownBy(() -> get(hurried.dial(node, "service", loops.next())))
          .hasMessageContaining("connection timed out");
    } finally {
      for (var caller : callers) {
        caller.close();
      }
      hurried.close();
    }
  }

  @Test
  void whoeverDoesNotAnswerIsNotWaitedForForEver() throws Exception {
    var hurried = links(certificates(SECRET, "a"), 0, times(Duration.ofSeconds(20), SHORT));
    try {
      var unanswered = hurried.dial(nodeB(), "held", loops.next());
      var asked = asked();
      assertThatThrownBy(() -> get(unanswered)).extracting("code").isEqualTo(Code.TIMEOUT);
      await().until(asked::isCancelled);
      await().until(() -> hurried.status().get(0).streams() == 0);
    } finally {
      hurried.close();
    }
  }

  @Test
  void whatWasAnsweredWaitsForItsReader() throws Exception {
    var hurried = links(certificates(SECRET, "a"), 0, times(Duration.ofSeconds(20), SHORT));
    try {
      var unread = new ArrayList<Channel>();
      for (var i = 0; i < 3; i++) {
        unread.add(get(hurried.dial(nodeB(), "service", loops.next())));
      }
      get(loops.schedule(() -> true, 2 * SHORT.toMillis(), TimeUnit.MILLISECONDS));

      for (var channel : unread) {
        channel.writeAndFlush(Unpooled.copiedBuffer("x", US_ASCII));
        assertThat(caller().getInputStream().read()).isEqualTo('x');
      }
    } finally {
      hurried.close();
    }
  }

  @Test
  void aServiceThatIsSlowIsWaitedForByTheNodeItIsAt() throws Exception {
    startB(times(Duration.ofSeconds(20), SHORT));

    assertThat(get(a.dial(nodeB(), "slow", loops.next())).isActive()).isTrue();
  }

  @Test
  void whatNobodyWantsAnyMoreWhenItIsAnsweredEnds() throws Exception {
    for (var i = 0; i < 4; i++) {
      var dialled = a.dial(nodeB(), "held", loops.next());
      var asked = asked();
      dialled.cancel(false);

      toService(loops.next()).addListener((Future<Channel> it) -> pass(it, asked));

      assertThat(endsSoon(caller())).isTrue();
    }
    await().until(() -> a.status().get(0).streams() == 0);
  }
}
