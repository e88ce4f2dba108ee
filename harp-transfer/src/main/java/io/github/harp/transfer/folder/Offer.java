// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import io.github.harp.transfer.TransferException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/**
 * All that is offered, each folder before what is in it. What is made of somebody else's words is
 * within limits, and no path in it leads elsewhere.
 *
 * @param bytes of all files
 */
public record Offer(List<Entry> entries, long bytes) {

  public static final int MOST_ENTRIES = 200_000;
  private static final long MOST_NAME_BYTES = 32L << 20;
  private static final long MOST_BYTES_OF_FILE = 1L << 44;

  private static final int FOLDER = 1;
  private static final int EXECUTABLE = 2;
  private static final int PRIVATE = 4;
  private static final int ALL_FLAGS = FOLDER | EXECUTABLE | PRIVATE;

  /**
   * @throws TransferException if it is too much, or names are none
   */
  static Offer of(List<Entry> entries) throws TransferException {
    long bytes = 0;
    long names = 0;
    var kinds = new HashMap<String, Boolean>();
    for (var entry : entries) {
      var objection = EntryName.objection(entry.path());
      if (objection.isPresent()) {
        throw new TransferException(objection.get());
      }
      if (entry.size() < 0 || entry.size() > MOST_BYTES_OF_FILE) {
        throw new TransferException(
            "'%s' has %d bytes; expected at most 16 TiB".formatted(entry.path(), entry.size()));
      }
      if (kinds.put(entry.path(), entry.isFolder()) != null) {
        throw new TransferException(
            "'%s' is there twice; expected each name once".formatted(entry.path()));
      }
      if (!entry.parent().isEmpty() && !kinds.getOrDefault(entry.parent(), false)) {
        throw new TransferException(
            "'%s' is in no folder that is offered before".formatted(entry.path()));
      }
      names += entry.path().length();
      bytes += entry.size();
      if (bytes < 0) {
        throw new TransferException("more bytes in all than can be counted");
      }
    }
    require(entries.size(), names);
    return new Offer(List.copyOf(entries), bytes);
  }

  private static void require(int count, long nameBytes) throws TransferException {
    if (count > MOST_ENTRIES || nameBytes > MOST_NAME_BYTES) {
      throw new TransferException(
          "more than %d files and folders, or than %d MiB of their names; expected an archive of"
                  .formatted(MOST_ENTRIES, MOST_NAME_BYTES >> 20)
              + " them");
    }
  }

  public long files() {
    return entries.stream().filter(entry -> !entry.isFolder()).count();
  }

  public void write(DataOutputStream out) throws IOException {
    out.writeInt(entries.size());
    for (var entry : entries) {
      out.writeUTF(entry.path());
      out.writeByte(
          (entry.isFolder() ? FOLDER : 0)
              | (entry.executable() ? EXECUTABLE : 0)
              | (entry.isPrivate() ? PRIVATE : 0));
      out.writeLong(entry.size());
      out.writeLong(entry.modified());
    }
  }

  public static Offer read(DataInputStream in) throws IOException, TransferException {
    var count = in.readInt();
    if (count < 0) {
      throw new TransferException("the other side offers " + count + " files");
    }
    require(count, 0);
    var entries = new ArrayList<Entry>();
    long names = 0;
    for (var i = 0; i < count; i++) {
      var path = in.readUTF();
      var flags = in.readUnsignedByte();
      if ((flags & ~ALL_FLAGS) != 0) {
        throw new TransferException("the other side offers something that is no file or folder");
      }
      entries.add(
          new Entry(
              path,
              (flags & FOLDER) != 0,
              in.readLong(),
              in.readLong(),
              (flags & EXECUTABLE) != 0,
              (flags & PRIVATE) != 0));
      names += path.length();
      require(count, names);
    }
    return of(entries);
  }
}
