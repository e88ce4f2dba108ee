// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Visible;
import io.github.harp.transfer.TransferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What is sent: files and folders of this host as they were when it began. */
public final class Source {

  private final List<Entry> entries = new ArrayList<>();
  private final List<Path> files = new ArrayList<>();
  private final Consumer<String> notes;

  private Source(Consumer<String> notes) {
    this.notes = notes;
  }

  /**
   * Looks at all of it.
   *
   * @param notes told of what is not sent: links in folders, and what is no file
   * @throws TransferException if something can't be read, or not be sent under its name
   */
  public static Source of(List<Path> paths, Consumer<String> notes) throws TransferException {
    var source = new Source(notes);
    for (var path : paths) {
      source.addTop(path);
    }
    Offer.of(source.entries);
    return source;
  }

  private void addTop(Path path) throws TransferException {
    try {
      var real = path.toRealPath();
      if (real.getFileName() == null) {
        throw new TransferException(path + " has no name; expected a file or folder with one");
      }
      var given = path.normalize().getFileName();
      var name = given == null || given.toString().isEmpty() ? real.getFileName() : given;
      add(real, name.toString().equals("..") ? real.getFileName().toString() : name.toString());
    } catch (NoSuchFileException e) {
      throw new TransferException("there is no " + e.getMessage(), e);
    } catch (IOException e) {
      throw new TransferException(path + " can't be read: " + HarpException.reasonOf(e), e);
    }
  }

  private void add(Path file, String path) throws IOException, TransferException {
    var is = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (entries.size() > Offer.MOST_ENTRIES) {
      return;
    }
    if (is.isDirectory()) {
      entries.add(Entry.folder(path));
      files.add(file);
      addAll(file, path);
    } else if (is.isRegularFile()) {
      entries.add(
          new Entry(
              path,
              false,
              is.size(),
              is.lastModifiedTime().toMillis(),
              Files.isExecutable(file),
              isPrivate(file)));
      files.add(file);
    } else {
      notes.accept(
          "not sent: %s is %s"
              .formatted(Visible.text(path), is.isSymbolicLink() ? "a link" : "no file"));
    }
  }

  private static boolean isPrivate(Path file) throws IOException {
    var view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return false;
    }
    var may = view.readAttributes().permissions();
    return !may.contains(PosixFilePermission.GROUP_READ)
        && !may.contains(PosixFilePermission.OTHERS_READ);
  }

  private void addAll(Path folder, String path) throws IOException, TransferException {
    List<Path> inside;
    try (var found = Files.list(folder)) {
      inside = found.limit(Offer.MOST_ENTRIES + 1L).sorted().toList();
    }
    for (var each : inside) {
      add(each, path + "/" + each.getFileName());
    }
  }

  public Offer offer() throws TransferException {
    return Offer.of(entries);
  }

  public Path file(int index) {
    return files.get(index);
  }
}
