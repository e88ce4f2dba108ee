// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Amount;
import io.github.harp.transfer.folder.Source;
import io.github.harp.transfer.folder.TargetFolder;
import io.github.harp.transfer.peer.MeetingPoint;
import io.github.harp.transfer.peer.Peer;
import io.github.harp.transfer.peer.Rendezvous;
import io.github.harp.transfer.peer.Role;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Files and folders of one peer to another, over as many connections as it takes: straight where
 * networks allow it, else through the tunnel server. Two programs meet as what {@code harp tokens}
 * printed for each says; one sends, the other fetches. Each file is checked, and gets its name when
 * it is whole; a transfer that was cut or stopped goes on where it was when the same is started
 * again.
 *
 * <p>{@link #stop} and {@link #close} may be called on any thread.
 */
public final class Transfer implements AutoCloseable {

  private static final long FIRST_WAIT_MILLIS = 500;
  private static final long MOST_WAIT_MILLIS = 15_000;
  private static final long LOOK_MILLIS = 250;
  private static final long SILENT_SECONDS = 120;
  private static final long FAREWELL_SECONDS = 3;

  private final Side side;
  private final Rendezvous way;
  private final Pace pace;
  private final Duration patience;
  private final TransferWatcher watcher;
  private volatile @Nullable Peer present;
  private volatile long stoppedAt;

  private Transfer(
      Side side, Rendezvous way, Pace pace, Duration patience, TransferWatcher watcher) {
    this.side = side;
    this.way = way;
    this.pace = pace;
    this.patience = patience;
    this.watcher = watcher;
  }

  /**
   * Looks at what is to be sent, and begins to find who fetches it.
   *
   * @throws TransferException if something of it can't be sent, or nobody be found this way
   * @throws IOException if this side can't listen
   */
  public static Transfer sending(List<Path> paths, TransferOptions options)
      throws TransferException, IOException {
    var source = Source.of(paths, options.watcher()::note);
    return sending(source, rendezvous(options, Role.SENDS), options.patience(), options.watcher());
  }

  static Transfer sending(Source source, Rendezvous way, Duration patience, TransferWatcher watcher)
      throws TransferException {
    var pace = new Pace(System::nanoTime);
    return new Transfer(new Sending(source, pace), way, pace, patience, watcher);
  }

  /**
   * Begins to find who sends.
   *
   * @param folder where it is put; is made if it is not there
   * @param replaces whether other files of the same names make way; else nothing is fetched while
   *     there are any
   * @throws TransferException if it can't be written, another one fetches to it now, or nobody can
   *     be found this way
   * @throws IOException if this side can't listen
   */
  public static Transfer fetching(Path folder, boolean replaces, TransferOptions options)
      throws TransferException, IOException {
    var target = TargetFolder.open(folder, replaces);
    try {
      return fetching(
          target, rendezvous(options, Role.FETCHES), options.patience(), options.watcher());
    } catch (TransferException | IOException e) {
      target.close();
      throw e;
    }
  }

  static Transfer fetching(
      TargetFolder target, Rendezvous way, Duration patience, TransferWatcher watcher) {
    var pace = new Pace(System::nanoTime);
    return new Transfer(new Fetching(target, pace), way, pace, patience, watcher);
  }

  private static Rendezvous rendezvous(TransferOptions options, Role role)
      throws TransferException, IOException {
    return new MeetingPoint(options.config(), options.service(), role)
        .rendezvous(options.listens());
  }

  /** Ends it, and tells the other side if there is one. */
  public void stop() {
    stoppedAt = System.nanoTime();
    pace.stop();
    if (present == null) {
      way.close();
    }
  }

  /**
   * Blocks until it is over.
   *
   * @return what is done, in words
   * @throws TransferException saying why it is not
   */
  public String run() throws TransferException, InterruptedException {
    var watch =
        Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("harp-watch", true));
    watch.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    watch.scheduleWithFixedDelay(this::show, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    try {
      return runWatched();
    } finally {
      watch.shutdownNow();
    }
  }

  /** Lets the other peer and the folder go. */
  @Override
  public void close() throws IOException {
    way.close();
    side.close();
  }

  private String runWatched() throws TransferException, InterruptedException {
    var wait = FIRST_WAIT_MILLIS;
    var deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      pace.requireGoing();
      if (System.nanoTime() > deadline) {
        throw new TransferException(
            "the other side has not been there for %s%s"
                .formatted(Amount.time(patience), reason(way.obstacle())));
      }
      try {
        var met = way.next(Duration.ofMillis(LOOK_MILLIS));
        if (met.isPresent()) {
          var before = pace.total();
          try {
            return over(met.get()) + "; " + pace.summary();
          } finally {
            if (pace.total() > before) {
              wait = FIRST_WAIT_MILLIS;
              deadline = System.nanoTime() + patience.toNanos();
            }
          }
        }
      } catch (IOException e) {
        watcher.waits("no connection" + reason(HarpException.reasonOf(e)));
        pause(wait);
        wait = Math.min(MOST_WAIT_MILLIS, wait * 2);
      }
    }
  }

  private static String reason(String obstacle) {
    return obstacle.isEmpty() ? "" : ": " + obstacle;
  }

  private void pause(long millis) throws InterruptedException, TransferException {
    for (long left = millis; left > 0; left -= LOOK_MILLIS) {
      pace.requireGoing();
      Thread.sleep(Math.min(left, LOOK_MILLIS));
    }
  }

  private String over(Peer peer) throws IOException, TransferException, InterruptedException {
    present = peer;
    pace.goes(peer.course());
    var why = way.whyRelayed();
    if (!why.isEmpty()) {
      watcher.note("goes through HaRP, since there is no straight way: " + why);
    }
    try (peer) {
      return overOpen(peer);
    } finally {
      present = null;
    }
  }

  private String overOpen(Peer peer) throws IOException, TransferException, InterruptedException {
    try {
      return side.over(peer);
    } catch (TransferException e) {
      if (!e.isFromPeer()) {
        tell(peer, e.getMessage());
      }
      throw e;
    }
  }

  /** And waits for the other side to hang up: what is closed too early may be lost. */
  private void tell(Peer peer, String reason) {
    stoppedAt = System.nanoTime();
    pace.stop();
    try {
      Tag.STOP.write(peer.out(), reason);
      peer.out().flush();
      while (peer.in().read() >= 0) {
        // Whatever was on its way.
      }
    } catch (IOException e) {
      // Then it is gone.
    }
  }

  // ---- beside it

  private void look() {
    var peer = present;
    if (peer == null) {
      return;
    }
    if (peer.silentSeconds() > SILENT_SECONDS) {
      peer.close();
      watcher.note("the other side has said nothing for %d s".formatted(SILENT_SECONDS));
    } else if (pace.isStopped()
        && System.nanoTime() - stoppedAt > TimeUnit.SECONDS.toNanos(FAREWELL_SECONDS)) {
      peer.close();
    } else if (way.wouldGoStraight()) {
      peer.close();
      watcher.note("there is a straight way now: goes on there");
    }
  }

  private void show() {
    if (pace.isStopped()) {
      return;
    }
    var obstacle = way.obstacle();
    if (pace.hasBegun()) {
      watcher.moves(pace.percent(), pace.line(), pace.now());
    } else if (!obstacle.isEmpty()) {
      watcher.waits(obstacle);
    }
  }
}
