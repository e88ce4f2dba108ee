// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import io.github.harp.core.notice.Visible;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tells somebody at a terminal that something lasts, and how far it is: in one line of standard
 * error, which is gone when it is over. Anywhere else it says nothing. Thread-safe.
 */
public final class Progress implements AutoCloseable {

  private static final int WIDTH = 20;
  private static final long BETWEEN_LOOKS_MILLIS = 250;
  private static final String BEGIN_OF_LINE = "\r\u001b[K";

  private final Shell shell;
  private final long begun = System.nanoTime();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("harp-progress", true));

  private String what;
  private int percent = -1;

  /**
   * @param what is being done
   */
  public Progress(Shell shell, String what) {
    this.shell = shell;
    this.what = what;
    if (shell.isTerminal()) {
      timer.scheduleWithFixedDelay(this::show, 0, BETWEEN_LOOKS_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * How far it is.
   *
   * @param now what is done now
   */
  public synchronized void at(int done, int all, String now) {
    what = now;
    percent = 100 * done / Math.max(1, all);
  }

  /** What is being done now, of which nobody knows how long it lasts. */
  public synchronized void at(String now) {
    what = now;
    percent = -1;
  }

  /** A line that stays, here as anywhere. */
  public synchronized void interrupt(String line) {
    shell.err().println((shell.isTerminal() ? BEGIN_OF_LINE : "") + line);
    shell.err().flush();
  }

  private synchronized void show() {
    var seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
    var bar = percent < 0 ? "" : bar(percent) + "  ";
    shell.err().print(BEGIN_OF_LINE + bar + Visible.text(what) + "  " + seconds + " s");
    shell.err().flush();
  }

  /** A bar as others show it, too. */
  public static String bar(int percent) {
    int filled = Math.max(0, Math.min(WIDTH, percent * WIDTH / 100));
    return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] " + percent + " %";
  }

  @Override
  public void close() {
    timer.shutdownNow();
    synchronized (this) {
      if (shell.isTerminal()) {
        shell.err().print(BEGIN_OF_LINE);
        shell.err().flush();
      }
    }
  }
}
