// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.harp.transfer.TransferException.Remedy;
import io.github.harp.transfer.folder.Source;
import io.github.harp.transfer.folder.TargetFolder;
import io.github.harp.transfer.peer.DirectWay;
import io.github.harp.transfer.peer.Introduction;
import io.github.harp.transfer.peer.Offering;
import io.github.harp.transfer.peer.Rendezvous;
import io.github.harp.transfer.peer.Role;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both sides with each other, on a line that may be cut. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TransferTest {

  private static final String SECRET = "what both know";
  private static final int MIB = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private Path from;
  private Path to;

  @BeforeEach
  void folders() throws IOException {
    from = Files.createDirectory(folder.resolve("from"));
    to = folder.resolve("to");
  }

  @AfterEach
  void close() throws Exception {
    for (var each : open) {
      each.close();
    }
    threads.shutdownNow();
  }

  private Path file(String name, int bytes) throws IOException {
    var content = new byte[bytes];
    new Random(name.hashCode()).nextBytes(content);
    var file = from.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  /** Keeps what is said. */
  private final TransferWatcher watcher =
      new TransferWatcher() {
        @Override
        public void note(String text) {
          told.add(text);
        }
      };

  private Offering offering(String secret, Role role) throws IOException {
    var offering =
        Offering.at(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new Introduction(secret, role));
    open.add(offering);
    return offering;
  }

  /** One side, and how it ended. */
  private record Run(Transfer transfer, CompletableFuture<String> end) {

    String words() throws Exception {
      return end.get(90, TimeUnit.SECONDS);
    }

    String failure() {
      return String.valueOf(thrown().getMessage());
    }

    Optional<Remedy> remedy() {
      return thrown() instanceof TransferException ended ? ended.remedy() : Optional.empty();
    }

    private Throwable thrown() {
      assertThat(end).failsWithin(Duration.ofSeconds(90));
      return end.handle((done, failure) -> failure.getCause()).join();
    }
  }

  private Run run(Transfer transfer) {
    return new Run(
        transfer,
        CompletableFuture.supplyAsync(
            () -> {
              try (transfer) {
                return transfer.run();
              } catch (TransferException | IOException | InterruptedException e) {
                throw new CompletionException(e);
              }
            },
            threads));
  }

  private Run send(Rendezvous way, Path... paths) throws TransferException {
    return run(Transfer.sending(Source.of(List.of(paths), told::add), way, PATIENCE, watcher));
  }

  private Run fetch(Rendezvous way) throws TransferException {
    return fetch(way, false);
  }

  private Run fetch(Rendezvous way, boolean replaces) throws TransferException {
    return run(Transfer.fetching(TargetFolder.open(to, replaces), way, PATIENCE, watcher));
  }

  /** Over a direct line; the sender waits. */
  private Run move(Path... paths) throws Exception {
    var offering = offering(SECRET, Role.SENDS);
    var sent = send(offering, paths);
    var fetched = fetch(dial(offering.port()));
    sent.words();
    return fetched;
  }

  private static DirectWay dial(int port) {
    return new DirectWay(port, new Introduction(SECRET, Role.FETCHES));
  }

  private Path staging() {
    return to.resolve(".harp-fetch");
  }

  // ---- what arrives

  @Test
  void aFolderArrivesAsItIs() throws Exception {
    var top = from.resolve("model");
    file("model/weights.bin", 9 * MIB + 7);
    file("model/run.sh", 100).toFile().setExecutable(true);
    file("model/deep/er/äöü 名前.txt", 1);
    Files.createFile(top.resolve("empty"));
    file("model/key", 40);
    Files.setPosixFilePermissions(top.resolve("key"), PosixFilePermissions.fromString("rw-------"));
    Files.createDirectory(top.resolve("nothing in it"));
    Files.setLastModifiedTime(
        top.resolve("empty"), FileTime.from(Instant.parse("2020-01-02T03:04:05Z")));
    Files.createSymbolicLink(top.resolve("link"), Path.of("/etc/passwd"));

    var words = move(top).words();

    assertThat(words).startsWith("fetched 5 files to " + to.toRealPath());
    assertThat(told).contains("not sent: model/link is a link");
    var there = to.resolve("model");
    for (var name : List.of("weights.bin", "run.sh", "deep/er/äöü 名前.txt", "empty")) {
      assertThat(there.resolve(name)).hasSameBinaryContentAs(top.resolve(name));
      assertThat(Files.getLastModifiedTime(there.resolve(name)).toMillis())
          .isEqualTo(Files.getLastModifiedTime(top.resolve(name)).toMillis());
    }
    assertThat(there.resolve("run.sh")).isExecutable();
    assertThat(Files.isExecutable(there.resolve("empty"))).isFalse();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there.resolve("key"))))
        .isEqualTo("rw-------");
    assertThat(there.resolve("nothing in it")).isEmptyDirectory();
    assertThat(there.resolve("link")).doesNotExist();
    assertThat(staging()).doesNotExist();
  }

  @Test
  void aFileGoesTheOtherWayRoundToo() throws Exception {
    var file = file("a.bin", MIB);
    var offering = offering(SECRET, Role.FETCHES);
    var fetched = fetch(offering);

    var sent = send(new DirectWay(offering.port(), new Introduction(SECRET, Role.SENDS)), file);

    assertThat(sent.words()).startsWith("sent 1 file, 1.0 MB; 1.0 MB in 0:0");
    assertThat(fetched.words()).startsWith("fetched 1 file");
    assertThat(to.resolve("a.bin")).hasSameBinaryContentAs(file);
  }

  @Test
  void holesTakeNoRoomOnTheLine() throws Exception {
    var file = from.resolve("sparse");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.write(1);
      sparse.setLength(40L * MIB);
    }
    var offering = offering(SECRET, Role.SENDS);
    var sent = send(offering, file);
    try (var line = new Line(offering.port(), Long.MAX_VALUE)) {
      fetch(dial(line.port())).words();
      sent.words();

      assertThat(line.passed()).isLessThan(MIB);
    }
    assertThat(to.resolve("sparse")).hasSameBinaryContentAs(file);
  }

  @Test
  void whatIsThereIsNotFetchedAgain() throws Exception {
    var one = file("one", MIB);
    move(one).words();

    assertThat(move(one, file("two", MIB)).words())
        .startsWith("fetched 1 file to ")
        .contains("; 1 file more had come before; 1.0 MB in");
  }

  @Test
  void manySmallFilesNeedNoQuestionEach() throws Exception {
    for (var i = 0; i < 1_000; i++) {
      file("many/" + i, i % 50);
    }

    assertThat(move(from.resolve("many")).words()).startsWith("fetched 1000 files");
    assertThat(to.resolve("many/999")).hasSameBinaryContentAs(from.resolve("many/999"));
  }

  // ---- cuts

  @Test
  void afterACutItGoesOnWhereItWas() throws Exception {
    var file = file("big", 30 * MIB);
    var offering = offering(SECRET, Role.SENDS);
    var sent = send(offering, file);
    try (var line = new Line(offering.port(), 17L * MIB)) {
      var fetched = fetch(dial(line.port()));

      assertThat(fetched.words()).startsWith("fetched 1 file");
      assertThat(sent.words()).startsWith("sent 1 file");
      assertThat(line.connections()).isEqualTo(2);
      assertThat(line.passed()).isBetween(30L * MIB, 36L * MIB);
    }
    assertThat(to.resolve("big")).hasSameBinaryContentAs(file);
  }

  @Test
  void whoeverIsStoppedTellsTheOtherAndBothGoOnAnotherDay() throws Exception {
    var file = file("big", 40 * MIB);
    stopped(file, true, 9 * MIB);
    stopped(file, false, 6 * MIB);
    var left = partOf().toFile().length();
    assertThat(left).isGreaterThan(4L * MIB);
    assertThat(to.resolve("big")).doesNotExist();

    var offering = offering(SECRET, Role.SENDS);
    var sent = send(offering, file);
    try (var line = new Line(offering.port(), Long.MAX_VALUE)) {
      fetch(dial(line.port())).words();
      sent.words();

      assertThat(line.passed()).isLessThan(41L * MIB - (left - 4 * MIB));
    }
    assertThat(to.resolve("big")).hasSameBinaryContentAs(file);
  }

  private Path partOf() throws IOException {
    try (var parts = Files.list(staging())) {
      return parts.filter(part -> !part.endsWith("lock")).findFirst().orElseThrow();
    }
  }

  /** A line that passes nothing any more leaves time to stop either of them. */
  private void stopped(Path file, boolean sender, long after) throws Exception {
    var offering = offering(SECRET, Role.SENDS);
    var sent = send(offering, file);
    try (var line = new Line(offering.port(), Long.MAX_VALUE).heldAt(after)) {
      var fetched = fetch(dial(line.port()));
      await().until(() -> line.passed() > after && hasPartOf(5 * MIB));
      (sender ? sent : fetched).transfer().stop();
      line.release();

      var stop = "stopped; begun again, it goes on from here";
      assertThat((sender ? sent : fetched).failure()).isEqualTo(stop);
      assertThat((sender ? fetched : sent).failure()).isEqualTo("the other side: " + stop);
    }
  }

  private boolean hasPartOf(long bytes) throws IOException {
    if (!Files.exists(staging())) {
      return false;
    }
    try (var parts = Files.list(staging())) {
      return parts.anyMatch(part -> part.toFile().length() >= bytes);
    }
  }

  @Test
  void whatTheDiskHasSpoiledOfAPartIsFetchedAgainAndNothingElse() throws Exception {
    var file = file("big", 32 * MIB);
    stopped(file, false, 18 * MIB);
    var part = partOf();
    var left = part.toFile().length();
    try (var spoiled = new RandomAccessFile(part.toFile(), "rw")) {
      spoiled.seek(5 * MIB);
      spoiled.write(new byte[1000]);
    }

    var again = offering(SECRET, Role.SENDS);
    var sentAgain = send(again, file);
    try (var line = new Line(again.port(), Long.MAX_VALUE)) {
      fetch(dial(line.port())).words();
      sentAgain.words();

      assertThat(line.passed()).isLessThan(32L * MIB - left + 9 * MIB);
    }
    assertThat(to.resolve("big")).hasSameBinaryContentAs(file);
  }

  @Test
  void aPartOfAnotherFileIsNotGoneOnWith() throws Exception {
    var file = file("big", 32 * MIB);
    stopped(file, true, 9 * MIB);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-02T03:04:05Z")));
    try (var changed = new RandomAccessFile(file.toFile(), "rw")) {
      changed.write(new byte[100]);
    }
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-02T03:04:05Z")));

    move(file).words();

    assertThat(to.resolve("big")).hasSameBinaryContentAs(file);
    assertThat(staging()).doesNotExist();
  }

  @Test
  void whoWaitsForNobodyCanBeStopped() throws Exception {
    var sent = send(offering(SECRET, Role.SENDS), file("a", 10));
    sent.transfer().stop();
    assertThat(sent.failure()).isEqualTo("stopped; begun again, it goes on from here");

    try (var mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var fetched = fetch(dial(mute.getLocalPort()));
      mute.accept();
      fetched.transfer().stop();
      assertThat(fetched.failure()).isEqualTo("stopped; begun again, it goes on from here");
    }
  }

  // ---- what is refused

  @Test
  void anotherFileOfThatNameStaysUnlessItIsToBeReplaced() throws Exception {
    var file = file("a.txt", 1_000);
    file("b.txt", 10);
    Files.createDirectories(to);
    Files.writeString(to.resolve("a.txt"), "precious");
    var offering = offering(SECRET, Role.SENDS);
    var sent = send(offering, file, from.resolve("b.txt"));
    var refused = fetch(dial(offering.port()));

    var words = to.toRealPath() + " is not changed: in it 'a.txt' is another file";
    assertThat(refused.failure()).isEqualTo(words);
    assertThat(refused.remedy()).contains(Remedy.REPLACING);
    assertThat(sent.failure()).isEqualTo("the other side: " + words);
    assertThat(sent.remedy()).isEmpty();
    assertThat(to.resolve("a.txt")).hasContent("precious");
    assertThat(to.resolve("b.txt")).doesNotExist();

    var again = offering(SECRET, Role.SENDS);
    send(again, file);
    fetch(dial(again.port()), true).words();
    assertThat(to.resolve("a.txt")).hasSameBinaryContentAs(file);
  }

  @Test
  void aLinkInTheTargetIsNoFolder() throws Exception {
    file("top/file", 10);
    var elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.createDirectories(to);
    Files.createSymbolicLink(to.resolve("top"), elsewhere);
    var offering = offering(SECRET, Role.SENDS);
    send(offering, from.resolve("top"));

    var refused = fetch(dial(offering.port()), true);
    assertThat(refused.failure()).contains("'top' is to be a folder and is none");
    assertThat(refused.remedy()).as("nobody puts a file there").isEmpty();
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void whatChangesWhileItIsSentIsNotTakenForWhatWasOffered() throws Exception {
    var file = file("a", 1_000);
    var other = file("b", 1_000);
    var offering = offering(SECRET, Role.SENDS);
    var sent = send(offering, file, other);
    Files.writeString(file, "something else");

    var fetched = fetch(dial(offering.port()));
    assertThat(fetched.failure())
        .startsWith("1 file could not be fetched: 'a': it has become shorter");
    assertThat(sent.failure()).startsWith("the other side: 1 file could not be fetched: 'a'");
    assertThat(to.resolve("a")).doesNotExist();
    assertThat(to.resolve("b")).hasSameBinaryContentAs(other);
  }

  @Test
  void oneAtATimeFetchesToAFolder() throws Exception {
    try (var first = TargetFolder.open(to, false)) {
      assertThat(first.path()).isEqualTo(to.toRealPath());
      assertThat(catchThrowable(() -> TargetFolder.open(to, false)))
          .hasMessageContaining("another harp fetch writes to");
    }
    assertThat(Files.exists(staging(), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  @Test
  void whatIsNotThereOrHasNoNameIsNotSent() {
    assertThat(refusal(from.resolve("nothing"))).startsWith("there is no ");
    assertThat(refusal(Path.of("/"))).contains("has no name");
    assertThat(refusal(from, from)).contains("'from' is there twice");
  }

  private static String refusal(Path... paths) {
    return catchThrowable(() -> Source.of(List.of(paths), note -> {})).getMessage();
  }

  // ---- who it is

  @Test
  void whoeverDoesNotKnowTheSecretGetsNothing() throws Exception {
    var offering = offering("another", Role.SENDS);
    send(offering, file("a", 10));

    assertThat(fetch(dial(offering.port())).failure())
        .startsWith("the other side has another secretKey for this service");
    assertThat(to.resolve("a")).doesNotExist();
  }

  @Test
  void twoWhoDoTheSameAreTold() throws Exception {
    var offering = offering(SECRET, Role.FETCHES);
    assertThat(fetch(dial(offering.port())).failure())
        .isEqualTo("the other side fetches, too; expected harp send there");
  }

  @Test
  void whatIsNoPeerAtAllIsNamed() throws Exception {
    try (var other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      threads.execute(
          () -> {
            try (var user = other.accept()) {
              user.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
            } catch (IOException e) {
              // Gone.
            }
          });
      assertThat(fetch(dial(other.getLocalPort())).failure())
          .startsWith("what answers there is no harp send or harp fetch");
    }
  }
}
