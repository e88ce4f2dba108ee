// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Amount;
import io.github.harp.core.notice.Visible;
import io.github.harp.transfer.TransferException;
import io.github.harp.transfer.TransferException.Remedy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where files are fetched to. What is not whole is in a folder of its own there, one process' at a
 * time; a file gets its name when all of it has been checked and is on the disk.
 */
public final class TargetFolder implements AutoCloseable {

  private static final LinkOption NO_LINKS = LinkOption.NOFOLLOW_LINKS;
  private static final String LOCK = "lock";
  private static final int MOST_TOLD = 5;
  private static final int NAME_BYTES = 16;

  private static final Set<PosixFilePermission> OWNERS =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private static final Map<PosixFilePermission, PosixFilePermission> RUN_BY_READERS =
      Map.of(
          PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_EXECUTE,
          PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_EXECUTE);

  private final Path folder;
  private final Path staging;
  private final boolean replaces;
  private final FileChannel lock;

  private TargetFolder(Path folder, Path staging, boolean replaces, FileChannel lock) {
    this.folder = folder;
    this.staging = staging;
    this.replaces = replaces;
    this.lock = lock;
  }

  /**
   * Makes the folder if it is not there.
   *
   * @param replaces whether files that are there already and differ make way
   * @throws TransferException if it can't be written, or somebody else fetches to it now
   */
  public static TargetFolder open(Path path, boolean replaces) throws TransferException {
    try {
      var folder = Files.createDirectories(path.toAbsolutePath()).toRealPath();
      var staging = folder.resolve(EntryName.STAGING);
      if (!Files.isDirectory(staging, NO_LINKS)) {
        Files.createDirectory(staging);
      }
      var lock =
          FileChannel.open(
              staging.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      if (!isTaken(lock)) {
        lock.close();
        throw new TransferException(
            "another harp fetch writes to %s now; expected one at a time".formatted(folder));
      }
      return new TargetFolder(folder, staging, replaces, lock);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  private static boolean isTaken(FileChannel lock) throws IOException {
    try {
      FileLock taken = lock.tryLock();
      return taken != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  public Path path() {
    return folder;
  }

  /**
   * What of an offer is not there yet, by its place in it. Makes the folders for it.
   *
   * @throws TransferException if it can't all be put here; nothing is changed then
   */
  public List<Integer> missing(Offer offer) throws TransferException {
    requireDistinct(offer);
    var missing = new ArrayList<Integer>();
    var conflicts = new LinkedHashMap<String, Conflict>();
    long needed = 0;
    try {
      for (var i = 0; i < offer.entries().size(); i++) {
        var entry = offer.entries().get(i);
        var conflict = conflict(entry);
        if (conflict.isPresent()) {
          conflicts.put(entry.path(), conflict.get());
        } else if (!entry.isFolder() && !isThere(entry)) {
          missing.add(i);
          needed += entry.size() - lengthOf(partPath(entry));
        }
      }
      refuse(conflicts);
      requireSpace(needed);
      for (var entry : offer.entries()) {
        if (entry.isFolder() && !Files.isDirectory(entry.in(folder), NO_LINKS)) {
          Files.createDirectory(entry.in(folder));
        }
      }
      return missing;
    } catch (IOException e) {
      throw failed(folder, e);
    } catch (InvalidPathException e) {
      throw new TransferException(
          "this system has no file names like '%s'; expected a UTF-8 locale, LANG=C.UTF-8, say"
              .formatted(Visible.text(e.getInput())),
          e);
    }
  }

  /** What is in the way of an entry. */
  private enum Conflict {
    NO_FOLDER("is to be a folder and is none"),
    NO_FILE("is to be a file and is none"),
    ANOTHER_FILE("is another file");

    private final String words;

    Conflict(String words) {
      this.words = words;
    }
  }

  /** Two names may be one here. */
  private void requireDistinct(Offer offer) throws TransferException {
    if (tellsCasesApart()) {
      return;
    }
    var names = new HashMap<String, String>();
    for (var entry : offer.entries()) {
      var other = names.put(EntryName.folded(entry.path()), entry.path());
      if (other != null) {
        throw new TransferException(
            "'%s' and '%s' would be one file in %s"
                .formatted(Visible.text(other), Visible.text(entry.path()), folder));
      }
    }
  }

  private boolean tellsCasesApart() {
    return !Files.exists(staging.resolveSibling(EntryName.STAGING.toUpperCase(Locale.ROOT)));
  }

  private Optional<Conflict> conflict(Entry entry) throws IOException {
    var file = entry.in(folder);
    if (!Files.exists(file, NO_LINKS)) {
      return Optional.empty();
    }
    var is = Files.readAttributes(file, BasicFileAttributes.class, NO_LINKS);
    if (entry.isFolder()) {
      return is.isDirectory() ? Optional.empty() : Optional.of(Conflict.NO_FOLDER);
    }
    if (!is.isRegularFile()) {
      return Optional.of(Conflict.NO_FILE);
    }
    return replaces || isThere(entry) ? Optional.empty() : Optional.of(Conflict.ANOTHER_FILE);
  }

  private void refuse(Map<String, Conflict> conflicts) throws TransferException {
    if (conflicts.isEmpty()) {
      return;
    }
    var told =
        conflicts.entrySet().stream()
            .limit(MOST_TOLD)
            .map(each -> "'%s' %s".formatted(Visible.text(each.getKey()), each.getValue().words))
            .collect(Collectors.joining("; "));
    var more = conflicts.size() - MOST_TOLD;
    var words =
        "%s is not changed: in it %s%s"
            .formatted(folder, told, more > 0 ? "; and " + more + " more" : "");
    throw conflicts.values().stream().allMatch(each -> each == Conflict.ANOTHER_FILE)
        ? new TransferException(words, Remedy.REPLACING)
        : new TransferException(words);
  }

  private void requireSpace(long needed) throws IOException, TransferException {
    var usable = Files.getFileStore(folder).getUsableSpace();
    if (needed > usable) {
      throw new TransferException(
          "%s has room for %s; expected %s"
              .formatted(folder, Amount.bytes(usable), Amount.bytes(needed)));
    }
  }

  /** Size and time of a file that was checked when it came. */
  private boolean isThere(Entry entry) throws IOException {
    var file = entry.in(folder);
    return Files.isRegularFile(file, NO_LINKS)
        && Files.size(file) == entry.size()
        && Files.getLastModifiedTime(file, NO_LINKS).toMillis() == entry.modified();
  }

  /** Named by what it is a part of, so that nothing else is ever gone on with. */
  private Path partPath(Entry entry) {
    var what = entry.path() + "\n" + entry.size() + "\n" + entry.modified();
    var digest = Blocks.newDigest().digest(what.getBytes(UTF_8));
    return staging.resolve(HexFormat.of().formatHex(digest, 0, NAME_BYTES));
  }

  private static long lengthOf(Path part) throws IOException {
    return Files.isRegularFile(part, NO_LINKS) ? Files.size(part) : 0;
  }

  public Part part(Entry entry) throws TransferException {
    return Part.open(entry, partPath(entry));
  }

  /** Whether an earlier try has left some of it. */
  public boolean hasPart(Entry entry) {
    return Files.exists(partPath(entry), NO_LINKS);
  }

  /** Gives a whole file its name. May be called by any thread. */
  void place(Part part) throws TransferException {
    var entry = part.entry();
    var file = entry.in(folder);
    try {
      part.complete();
      permit(entry, part.path());
      Files.setLastModifiedTime(part.path(), FileTime.fromMillis(entry.modified()));
      if (!replaces && Files.exists(file, NO_LINKS)) {
        throw new TransferException(
            "'%s' has appeared meanwhile".formatted(Visible.text(entry.path())), Remedy.REPLACING);
      }
      Files.move(part.path(), file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new TransferException(
          "'%s' is on another disk than %s; expected one for all of it"
              .formatted(Visible.text(entry.path()), folder),
          e);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** What whoever made the part may do by default, more or less. */
  private static void permit(Entry entry, Path file) throws IOException {
    var view = Files.getFileAttributeView(file, PosixFileAttributeView.class, NO_LINKS);
    if (view == null || !entry.executable() && !entry.isPrivate()) {
      return;
    }
    var permissions = view.readAttributes().permissions();
    if (entry.isPrivate()) {
      permissions.retainAll(OWNERS);
    }
    if (entry.executable()) {
      RUN_BY_READERS.forEach(
          (read, run) -> {
            if (permissions.contains(read)) {
              permissions.add(run);
            }
          });
    }
    view.setPermissions(permissions);
  }

  /** All is there: what is left of fetches that nobody goes on with goes, too. */
  public void clear() throws TransferException {
    try (var left = Files.list(staging)) {
      for (var each : left.filter(path -> !path.endsWith(LOCK)).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw failed(staging, e);
    }
  }

  static TransferException failed(Path path, IOException e) {
    var reason = HarpException.reasonOf(e);
    return reason.contains("No space left") || reason.contains("quota exceeded")
        ? new TransferException(
            "the disk of %s is full; once there is room it goes on from here, begun again"
                .formatted(path),
            e)
        : new TransferException(
            "%s can't be written: %s: %s".formatted(path, e.getClass().getSimpleName(), reason), e);
  }

  /** The folder of its own goes if nothing is left in it. */
  @Override
  public void close() throws IOException {
    try (var left = Files.list(staging)) {
      if (left.allMatch(path -> path.endsWith(LOCK))) {
        Files.deleteIfExists(staging.resolve(LOCK));
        Files.deleteIfExists(staging);
      }
    } catch (DirectoryNotEmptyException e) {
      // Somebody else has begun meanwhile.
    } finally {
      lock.close();
    }
  }
}
