// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.harp.transfer.folder.Blocks;
import io.github.harp.transfer.folder.Entry;
import io.github.harp.transfer.folder.Offer;
import io.github.harp.transfer.folder.Source;
import io.github.harp.transfer.folder.TargetFolder;
import io.github.harp.transfer.peer.DirectWay;
import io.github.harp.transfer.peer.Introduction;
import io.github.harp.transfer.peer.Offering;
import io.github.harp.transfer.peer.Peer;
import io.github.harp.transfer.peer.Role;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One side against somebody who knows the secret and wants no good. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostilePeerTest {

  private static final String SECRET = "what both know";

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final TransferWatcher nobody = new TransferWatcher() {};
  private Path to;

  @BeforeEach
  void folders() throws IOException {
    to = Files.createDirectory(folder.resolve("to"));
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
  }

  /** What the other does once it is in. */
  private interface Talk {
    void with(DataInputStream in, DataOutputStream out) throws IOException;
  }

  private Offering offering(Role role) throws IOException {
    return Offering.at(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new Introduction(SECRET, role));
  }

  private Future<?> talk(int port, Role role, Talk talk) {
    return threads.submit(
        () -> {
          try (var peer = peer(port, role)) {
            talk.with(peer.in(), peer.out());
            peer.out().flush();
            while (true) {
              var unused = role == Role.SENDS ? Wish.read(peer.in()) : Tag.read(peer.in());
            }
          } catch (IOException | TransferException e) {
            // It has had enough.
          }
          return null;
        });
  }

  private static Peer peer(int port, Role role) throws IOException, TransferException {
    return new DirectWay(port, new Introduction(SECRET, role))
        .next(Duration.ofSeconds(10))
        .orElseThrow();
  }

  /** How a fetch ends that this is offered to. */
  private String fetched(Talk talk) throws Exception {
    try (var target = TargetFolder.open(to, false);
        var way = offering(Role.FETCHES)) {
      var other = talk(way.port(), Role.SENDS, talk);
      var end =
          catchThrowable(() -> Transfer.fetching(target, way, Duration.ofSeconds(5), nobody).run());
      other.cancel(true);
      return String.valueOf(end.getMessage());
    }
  }

  private String sent(Talk talk) throws Exception {
    var file = Files.writeString(folder.resolve("file"), "x".repeat(1_000));
    try (var way = offering(Role.SENDS)) {
      var other = talk(way.port(), Role.FETCHES, talk);
      var source = Source.of(List.of(file), note -> {});
      var end =
          catchThrowable(() -> Transfer.sending(source, way, Duration.ofSeconds(5), nobody).run());
      other.cancel(true);
      return String.valueOf(end.getMessage());
    }
  }

  private static void offer(DataOutputStream out, Entry... entries) throws IOException {
    new Offer(List.of(entries), 0).write(out);
    out.flush();
  }

  private static Entry file(String path, long size) {
    return new Entry(path, false, size, 0, false, false);
  }

  // ---- to the one who waits

  @Test
  void strangersWhoSayNothingKeepNobodyOut() throws Exception {
    try (var way = offering(Role.FETCHES)) {
      var silent = new ArrayList<Socket>();
      for (var i = 0; i < 20; i++) {
        silent.add(new Socket(InetAddress.getLoopbackAddress(), way.port()));
      }

      try (var peer = peer(way.port(), Role.SENDS)) {
        assertThat(way.next(Duration.ofSeconds(10))).isPresent();
      }
      for (var socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void whoComesAgainAndAgainIsThereOnce() throws Exception {
    try (var way = offering(Role.FETCHES);
        var first = peer(way.port(), Role.SENDS);
        var second = peer(way.port(), Role.SENDS);
        var third = peer(way.port(), Role.SENDS)) {
      assertThatThrownBy(() -> first.in().readByte()).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> second.in().readByte()).isInstanceOf(IOException.class);

      var there = way.next(Duration.ofSeconds(10)).orElseThrow();
      third.out().writeByte(7);
      third.out().flush();
      assertThat(there.in().readByte()).isEqualTo((byte) 7);
      assertThat(way.next(Duration.ZERO)).isEmpty();
    }
  }

  // ---- to the one who fetches

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "/evil",
        "a/../../evil",
        "..\\evil",
        "C:\\evil",
        "e\u0000vil",
        ".harp-fetch/x"
      })
  void noNameLeadsOutOfTheFolder(String name) throws Exception {
    assertThat(fetched((in, out) -> offer(out, file(name, 1)))).startsWith("'");
    assertThat(to).isEmptyDirectory();
    assertThat(folder.resolve("evil")).doesNotExist();
  }

  @Test
  void whatIsOfferedIsATreeOfDistinctNames() throws Exception {
    assertThat(fetched((in, out) -> offer(out, file("a", 1), file("a", 2))))
        .contains("'a' is there twice");
    assertThat(fetched((in, out) -> offer(out, file("a", 1), file("a/b", 1))))
        .contains("'a/b' is in no folder that is offered before");
    assertThat(fetched((in, out) -> offer(out, file("a/b", 1)))).contains("is in no folder");
    assertThat(to).isEmptyDirectory();
  }

  @Test
  void countsAndSizesHaveLimits() throws Exception {
    assertThat(fetched((in, out) -> out.writeInt(Offer.MOST_ENTRIES + 1)))
        .contains("more than 200000 files and folders");
    assertThat(fetched((in, out) -> out.writeInt(-1))).contains("offers -1 files");
    assertThat(fetched((in, out) -> offer(out, file("a", -1)))).contains("at most 16 TiB");
    assertThat(fetched((in, out) -> offer(out, file("a", 1L << 45)))).contains("at most 16 TiB");
    assertThat(fetched((in, out) -> offer(out, file("a", 1L << 44), file("b", 1L << 44))))
        .contains("has room for")
        .contains("expected 35.2 TB");
  }

  @Test
  void messagesThatMakeNoSenseEndIt() throws Exception {
    assertThat(answered(out -> out.writeByte(77))).contains("sends a message of kind 77");
    assertThat(answered(out -> bytes(out, 2_000_000))).contains("BYTES with 2000000 bytes");
    assertThat(answered(out -> bytes(out, 11))).contains("BYTES with 11 bytes");
    assertThat(answered(out -> bytes(out, 0))).contains("BYTES with 0 bytes");
    assertThat(answered(Tag.FAREWELL::write)).contains("FAREWELL");
    assertThat(to.resolve("a")).doesNotExist();
  }

  @Test
  void whatItSaysMovesNoCursor() throws Exception {
    assertThat(answered(out -> Tag.STOP.write(out, "\u001b[2Jyou\nare hacked")))
        .isEqualTo("the other side: \\u001b[2Jyou\\nare hacked");
  }

  private interface Words {
    void to(DataOutputStream out) throws IOException;
  }

  private static void bytes(DataOutputStream out, int length) throws IOException {
    Tag.BYTES.write(out);
    out.writeInt(length);
  }

  /** The end after this in place of the bytes that are wanted. */
  private String answered(Words words) throws Exception {
    return fetched(
        (in, out) -> {
          offer(out, file("a", 10));
          words.to(out);
        });
  }

  @Test
  void aWrongChecksumIsAskedForAgainAndThenRefused() throws Exception {
    var asked = new int[1];
    var words =
        fetched(
            (in, out) -> {
              offer(out, file("a", 10));
              while (true) {
                readWish(in);
                asked[0]++;
                Tag.BYTES.write(out);
                out.writeInt(10);
                out.write(new byte[10]);
                Tag.BLOCK.write(out);
                out.write(new byte[Blocks.DIGEST_BYTES]);
                Tag.FILE.write(out);
                out.write(new byte[Blocks.DIGEST_BYTES]);
                out.flush();
              }
            });

    assertThat(words)
        .isEqualTo("1 file could not be fetched: 'a': its checksum is wrong each time");
    assertThat(asked[0]).isEqualTo(4);
    assertThat(to.resolve("a")).doesNotExist();
  }

  /** What was not whole when a connection ended stays open for the next, if it is of that. */
  @Test
  void anotherOfferEndsThePartsOfTheOneBefore() throws Exception {
    var open = Set.<Path>of();
    try (var target = TargetFolder.open(to, false);
        var way = offering(Role.FETCHES)) {
      var fetch = threads.submit(() -> catchThrowable(() -> run(target, way)));
      for (var name : List.of("a", "b", "c")) {
        try (var peer = peer(way.port(), Role.SENDS)) {
          offer(peer.out(), file(name, 10));
          readWish(peer.in());
          bytes(peer.out(), 10);
          peer.out().write(new byte[5]);
          peer.out().flush();
          var before = open;
          await().until(() -> !openParts().isEmpty() && !openParts().equals(before));
          open = openParts();
          assertThat(open).hasSize(1);
        }
      }
      fetch.get();
    }
  }

  private Set<Path> openParts() throws IOException {
    var parts = new HashSet<Path>();
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      for (var file : open.toList()) {
        try {
          parts.add(Files.readSymbolicLink(file));
        } catch (NoSuchFileException e) {
          // Closed meanwhile.
        }
      }
    }
    var staging = to.toRealPath().resolve(".harp-fetch");
    parts.removeIf(file -> !file.startsWith(staging) || file.endsWith("lock"));
    return parts;
  }

  private void run(TargetFolder target, Offering way) throws Exception {
    Transfer.fetching(target, way, Duration.ofSeconds(3), nobody).run();
  }

  private static Wish.SendBlocks readWish(DataInputStream in) throws IOException {
    try {
      while (true) {
        if (Wish.read(in) instanceof Wish.SendBlocks blocks) {
          return blocks;
        }
      }
    } catch (TransferException e) {
      throw new IOException(e);
    }
  }

  // ---- to the one who sends

  @Test
  void onlyWhatIsOfferedCanBeWanted() throws Exception {
    assertThat(wanted(new Wish.SendBlocks(1, 0, 1, true))).contains("a wish for file 1");
    assertThat(wanted(new Wish.SendBlocks(-1, 0, 1, true))).contains("a wish for file -1");
    assertThat(wanted(new Wish.SendBlocks(0, 0, 2, true))).contains("2 blocks from block 0");
    assertThat(wanted(new Wish.SendBlocks(0, -1, 1, true))).contains("1 blocks from block -1");
    assertThat(wanted(new Wish.SendBlocks(0, 1, Integer.MAX_VALUE, true))).contains("blocks");
    assertThat(wanted(new Wish.SendChecksums(0, Integer.MAX_VALUE))).contains("blocks");
    assertThat(sent((in, out) -> out.writeByte(99))).contains("a wish of kind 99");
  }

  private String wanted(Wish wish) throws Exception {
    return sent((in, out) -> wish.write(out));
  }
}
