// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import java.nio.file.Path;

/**
 * A file or folder that is offered.
 *
 * @param path from where the transfer begins, its names separated by {@code /}
 * @param size in bytes; of a file
 * @param modified in milliseconds since 1970
 * @param executable whether its owner may run it
 * @param isPrivate whether nobody but its owner may read it; other permissions don't travel
 */
public record Entry(
    String path,
    boolean isFolder,
    long size,
    long modified,
    boolean executable,
    boolean isPrivate) {

  static Entry folder(String path) {
    return new Entry(path, true, 0, 0, false, false);
  }

  /** The path of the folder that it is in; empty at the top. */
  String parent() {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  Path in(Path folder) {
    return folder.resolve(path);
  }
}
