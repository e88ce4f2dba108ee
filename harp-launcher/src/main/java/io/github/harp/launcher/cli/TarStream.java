// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A folder as a tar, for where it can't be written as one.
 *
 * @param time of all files in it
 */
record TarStream(OutputStream out, Instant time) {

  private static final int FOLDER = 0700;
  private static final int READABLE = 0644;
  private static final int SECRET = 0600;

  /** Writes the folder with these files; the stream stays open. */
  void write(String folder, Map<String, String> files) throws IOException {
    var tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    put(tar, folder + "/", FOLDER, new byte[0]);
    for (var file : files.entrySet()) {
      put(
          tar,
          folder + "/" + file.getKey(),
          file.getKey().endsWith(".key") ? SECRET : READABLE,
          file.getValue().getBytes(StandardCharsets.UTF_8));
    }
    tar.finish();
    out.flush();
  }

  private void put(TarArchiveOutputStream tar, String name, int mode, byte[] content)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setMode(entry.getMode() & ~0777 | mode);
    entry.setModTime(Date.from(time));
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
