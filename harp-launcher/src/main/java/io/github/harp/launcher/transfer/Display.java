// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.transfer;

import io.github.harp.launcher.Progress;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.transfer.peer.Rendezvous;
import io.github.harp.operations.Visible;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Shows somebody how far a transfer is: a bar at a terminal, elsewhere a line now and then. On
 * standard error. Thread-safe.
 */
public final class Display implements AutoCloseable {

  private static final long BETWEEN_LINES_SECONDS = 10;

  private final Shell shell;
  private final Progress progress;
  private final LongSupplier nanos;
  private long shownAt;
  private String waits = "";

  public Display(Shell shell) {
    this(shell, System::nanoTime);
  }

  Display(Shell shell, LongSupplier nanos) {
    this.shell = shell;
    this.nanos = nanos;
    this.shownAt = nanos.getAsLong();
    this.progress = new Progress(shell, "waits for the other side");
  }

  /** A line that stays. */
  public synchronized void note(String text) {
    progress.interrupt("harp: " + Visible.text(text));
  }

  /** Why nothing moves; a line when that changes. */
  synchronized void waits(String reason) {
    if (!reason.equals(waits)) {
      waits = reason;
      note(reason);
    }
    progress.at("waits for the other side");
  }

  synchronized void show(Pace pace, Rendezvous way) {
    if (!pace.hasBegun()) {
      var obstacle = way.obstacle();
      if (!obstacle.isEmpty()) {
        waits(obstacle);
      }
      return;
    }
    var line = pace.line();
    progress.at(pace.percent(), 100, line + ": " + pace.now());
    var now = nanos.getAsLong();
    if (!shell.isTerminal() && now - shownAt > TimeUnit.SECONDS.toNanos(BETWEEN_LINES_SECONDS)) {
      shownAt = now;
      note(pace.percent() + " %: " + line + ": " + pace.now());
    }
  }

  @Override
  public void close() {
    progress.close();
  }
}
