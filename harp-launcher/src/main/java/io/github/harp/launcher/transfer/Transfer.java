// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.transfer;

import io.github.harp.core.HarpException;
import io.github.harp.launcher.Amount;
import io.github.harp.launcher.transfer.folder.Source;
import io.github.harp.launcher.transfer.folder.TargetFolder;
import io.github.harp.launcher.transfer.peer.Peer;
import io.github.harp.launcher.transfer.peer.Rendezvous;
import io.github.harp.launcher.transfer.peer.TransferException;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One transfer with one other peer, over as many connections as it takes. {@link #stop} may be
 * called on any thread.
 */
public final class Transfer {

  private static final long FIRST_WAIT_MILLIS = 500;
  private static final long MOST_WAIT_MILLIS = 15_000;
  private static final long LOOK_MILLIS = 250;
  private static final long SILENT_SECONDS = 120;
  private static final long FAREWELL_SECONDS = 3;

  private final Rendezvous way;
  private final Display display;
  private final Duration patience;
  private final Pace pace;
  private final Side side;
  private volatile @Nullable Peer present;
  private volatile long stoppedAt;

  private Transfer(Rendezvous way, Display display, Duration patience, Pace pace, Side side) {
    this.way = way;
    this.display = display;
    this.patience = patience;
    this.pace = pace;
    this.side = side;
  }

  /**
   * Sends all of it.
   *
   * @param patience how long the other side may be away
   */
  public static Transfer of(Source source, Rendezvous way, Display display, Duration patience)
      throws TransferException {
    var pace = new Pace(System::nanoTime);
    return new Transfer(way, display, patience, pace, new Sending(source, pace));
  }

  /** Fetches what is offered. */
  public static Transfer to(
      TargetFolder target, Rendezvous way, Display display, Duration patience) {
    var pace = new Pace(System::nanoTime);
    return new Transfer(way, display, patience, pace, new Fetching(target, pace));
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
    try {
      return runWatched();
    } finally {
      watch.shutdownNow();
    }
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
        display.waits("no connection" + reason(HarpException.reasonOf(e)));
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
    if (!pace.isStopped()) {
      display.show(pace, way);
    }
    var peer = present;
    if (peer == null) {
      return;
    }
    if (peer.silentSeconds() > SILENT_SECONDS) {
      display.note("the other side has said nothing for %d s".formatted(SILENT_SECONDS));
      peer.close();
    } else if (pace.isStopped()
        && System.nanoTime() - stoppedAt > TimeUnit.SECONDS.toNanos(FAREWELL_SECONDS)) {
      peer.close();
    } else if (way.wouldGoStraight()) {
      display.note("there is a straight way now: goes on there");
      peer.close();
    }
  }
}
