// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.service;

import io.github.harp.launcher.ExitCode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Ends the process when it can't serve any more, so that its supervisor starts another one. Needs
 * no memory, no lock and nobody's help: what it says first is made beforehand and goes past the
 * log.
 */
public final class LastWords {

  private static final int FRAMES = 12;

  private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);
  private final byte[] broken =
      ("harp: an event loop has ended, or an error has reached it that it does not get over, such"
              + " as no memory left; the process ends with exit code "
              + ExitCode.BROKEN
              + " to be started again\n")
          .getBytes(StandardCharsets.US_ASCII);

  /** An event loop does not answer; the log says what it is at. */
  public void stuck() {
    Runtime.getRuntime().halt(ExitCode.STUCK);
  }

  /** An event loop has ended although nobody has asked it to. */
  public void ended() {
    say(broken);
    Runtime.getRuntime().halt(ExitCode.BROKEN);
  }

  /** An event loop has met something that it does not get over. */
  public void broken(Throwable cause) {
    try {
      say(broken);
      explain(cause);
    } finally {
      Runtime.getRuntime().halt(ExitCode.BROKEN);
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
