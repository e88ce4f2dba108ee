// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import io.github.harp.core.notice.Visible;
import io.github.harp.transfer.TransferWatcher;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Shows somebody how far a transfer is: a bar at a terminal, elsewhere a line now and then. On
 * standard error. Thread-safe.
 */
public final class Display implements TransferWatcher, AutoCloseable {

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

  @Override
  public synchronized void note(String text) {
    progress.interrupt("harp: " + Visible.text(text));
  }

  @Override
  public synchronized void waits(String reason) {
    if (!reason.equals(waits)) {
      waits = reason;
      note(reason);
    }
    progress.at("waits for the other side");
  }

  @Override
  public synchronized void moves(int percent, String course, String now) {
    progress.at(percent, 100, course + ": " + now);
    var at = nanos.getAsLong();
    if (!shell.isTerminal() && at - shownAt > TimeUnit.SECONDS.toNanos(BETWEEN_LINES_SECONDS)) {
      shownAt = at;
      note(percent + " %: " + course + ": " + now);
    }
  }

  @Override
  public void close() {
    progress.close();
  }
}
