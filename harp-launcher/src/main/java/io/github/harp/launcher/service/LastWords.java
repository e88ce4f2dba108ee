// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.service;

import io.github.harp.launcher.ExitCode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process when it can't serve any more, so that its supervisor starts another one. Needs
 * no lock, nobody's help and no memory that it has not put aside: what it says first is made
 * beforehand and goes past the log.
 */
public final class LastWords {

  private static final int FRAMES = 12;
  private static final int RESERVE_BYTES = 256 * 1024;

  /** What is left to say it and to end when there is no other memory: it is let go then. */
  @SuppressWarnings("UnusedVariable")
  private byte @Nullable [] reserve = new byte[RESERVE_BYTES];

  private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);
  private final byte[] broken =
      ("harp: an event loop has ended, or an error has reached it that it does not get over, such"
              + " as no memory left; the process ends with exit code "
              + ExitCode.BROKEN
              + " to be started again\n")
          .getBytes(StandardCharsets.US_ASCII);

  /** An event loop does not answer; the log says what it is at. */
  void stuck() {
    halt(ExitCode.STUCK);
  }

  /** An event loop has ended although nobody has asked it to. */
  void ended() {
    try {
      reserve = null;
      say(broken);
    } finally {
      halt(ExitCode.BROKEN);
    }
  }

  /** An event loop has met something that it does not get over. */
  public void broken(Throwable cause) {
    try {
      reserve = null;
      say(broken);
      explain(cause);
    } finally {
      halt(ExitCode.BROKEN);
    }
  }

  /** Even that takes some memory the first time, which others may have taken once more. */
  private void halt(int code) {
    while (true) {
      try {
        reserve = null;
        Runtime.getRuntime().halt(code);
      } catch (OutOfMemoryError notYet) {
        Thread.onSpinWait();
      }
    }
  }

  private void explain(Throwable cause) {
    var text = new StringBuilder("harp: ").append(cause).append('\n');
    var frames = cause.getStackTrace();
    for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
      text.append("    at ").append(frames[i]).append('\n');
    }
    say(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void say(byte[] text) {
    try {
      err.write(text);
    } catch (IOException nobodyListens) {
      // Nobody else could be told.
      return;
    }
  }
}
