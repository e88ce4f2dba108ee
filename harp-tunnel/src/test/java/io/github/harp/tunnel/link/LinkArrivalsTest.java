// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who comes from another node, or from nowhere, and what it says first. */
class LinkArrivalsTest extends TwoNodes {

  /** From one address. */
  private static final int MOST_SILENT = 16;

  private static final int MOST = 256;

  @Test
  void nodesAreNoNewcomersOnceTheyHaveSpoken() throws Exception {
    var nodes = new ArrayList<Links>();
    try {
      var streams = new ArrayList<Channel>();
      for (var i = 0; i < 40; i++) {
        var node = links(certificates(SECRET, "node " + i), 0);
        nodes.add(node);
        streams.add(get(node.dial(nodeB(), "service", loops.next())));
      }
      assertThat(streams).allMatch(Channel::isActive);
    } finally {
      nodes.forEach(Links::close);
    }
  }

  @Test
  void ofVeryManyConnectionsTheOldestOfTheAddressThatHasMostMakesRoom() throws Exception {
    var node = dial("service");
    var many = new ArrayList<OtherNode>();

    for (var i = 0; i < MOST; i++) {
      var other = OtherNode.at(this, 16, "127.0.0.2");
      many.add(other);
      OtherNode.say(other.stream(), "held\n");
      asked();
    }

    assertThat(OtherNode.isResetSoon(many.get(0).connection())).isTrue();
    assertThat(many.subList(1, MOST)).allMatch(other -> other.connection().isActive());
    assertThat(node.isActive()).isTrue();
  }

  @Test
  void whatANodeAsksForThatIsGoneSinceIsCancelledOrEnded() throws Exception {
    a.dial(nodeB(), "held", loops.next());
    var late = asked();
    late.setUncancellable();
    a.dial(nodeB(), "held", loops.next());
    var cancelled = asked();

    a.close();

    await().until(cancelled::isCancelled);
    toService(loops.next()).addListener((Future<Channel> it) -> pass(it, late));
    assertThat(endsSoon(caller())).isTrue();
  }

  @Test
  void aStreamThatDoesNotSayWhereItWantsToGoIsReset() throws Exception {
    startB(times(Duration.ofSeconds(20), SHORT));
    var other = OtherNode.at(this);
    var known = other.stream();
    OtherNode.say(known, "service\n");
    caller();

    var silent = other.stream();
    OtherNode.say(silent, "serv");

    assertThat(OtherNode.isResetSoon(silent)).isTrue();
    assertThat(known.isActive()).isTrue();
  }

  @Test
  void whatIsSaidBeforeThereIsAnAnswerWaitsForTheService() throws Exception {
    var other = OtherNode.at(this);
    var hasty = other.stream();
    OtherNode.say(hasty, "held\n");
    var asked = asked();
    OtherNode.say(hasty, "for the service");
    // Read after that.
    OtherNode.say(other.stream(), "held\n");
    asked();

    toService(loops.next()).addListener((Future<Channel> it) -> pass(it, asked));

    var caller = caller();
    caller.setSoTimeout(20_000);
    assertThat(new String(caller.getInputStream().readNBytes(15), US_ASCII))
        .isEqualTo("for the service");
  }

  @Test
  void whoSaysNothingMakesRoomForNodes() throws Exception {
    // Nobody is given up for saying nothing.
    startB(times(Duration.ofSeconds(20), Duration.ofHours(1)));
    var silent = new ArrayList<Socket>();
    try {
      for (var i = 0; i < MOST_SILENT + 24; i++) {
        silent.add(new Socket(atB.getAddress(), atB.getPort()));
      }
      await().until(() -> ended(silent) == 24);

      assertThat(dial("service").isActive()).isTrue();
      await().until(() -> ended(silent) == 25);
    } finally {
      for (var socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void whoSaysNothingIsNotWaitedForForEver() throws Exception {
    startB(times(SHORT, SHORT));
    var atA = get(a.start());
    try (var waited = new Socket(atA.getAddress(), atA.getPort())) {
      // Accepted before the other one.
      dial("service").close();
      try (var givenUp = new Socket(atB.getAddress(), atB.getPort())) {
        assertThat(endsSoon(givenUp)).isTrue();
        assertThat(hasEnded(waited)).as("where more time is given").isFalse();
      }
    }
  }

  private static long ended(List<Socket> sockets) {
    return sockets.stream().filter(LinkArrivalsTest::hasEnded).count();
  }

  private static boolean hasEnded(Socket socket) {
    try {
      socket.setSoTimeout(1);
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException stillThere) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }
}
