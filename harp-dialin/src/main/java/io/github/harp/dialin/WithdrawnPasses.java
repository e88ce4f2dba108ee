// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.harp.core.AppId;
import io.github.harp.core.key.VisitorPasses.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes that are to end before their time, in a file: a command writes it, and whoever lets
 * visitors in looks at it each time. What would have ended by now is left out when it is written
 * anew. A file that can't be understood withdraws all passes. Thread-safe; blocks as long as it
 * takes to look at a file.
 */
public final class WithdrawnPasses {

  private static final Logger LOG = LoggerFactory.getLogger(WithdrawnPasses.class);
  private static final int MOST = 10_000;
  private static final int MAX_BYTES = 2 << 20;
  private static final long FOR_EVER = Long.MAX_VALUE;
  private static final String HEADER =
      "# Passes of visitors that were withdrawn: of which ExApp, made from when to when (Unix"
          + " milliseconds),\n# and until when they would have been good (Unix seconds).\n";
  private static final Pattern LINE =
      Pattern.compile("([A-Za-z0-9._-]{1,64}) (\\d{1,15}) (\\d{1,15}) (\\d{1,19})");

  private final Path file;
  private @Nullable FileTime seen;
  private List<Withdrawal> withdrawn = List.of();
  private boolean broken;

  /** Those of an ExApp that were made in this time. */
  private record Withdrawal(AppId app, long from, long to, long until) {

    boolean concerns(Pass pass) {
      var made = pass.made().toEpochMilli();
      return app.equals(pass.appId()) && made >= from && made <= to;
    }

    boolean isPartOf(Withdrawal other) {
      return app.equals(other.app) && from >= other.from && to <= other.to;
    }

    String line() {
      return "%s %d %d %d\n".formatted(app.text(), from, to, until);
    }
  }

  public WithdrawnPasses(Path file) {
    this.file = file;
  }

  /** Whether this pass is good no more. */
  public synchronized boolean has(Pass pass) {
    look();
    return broken || withdrawn.stream().anyMatch(one -> one.concerns(pass));
  }

  private void look() {
    try {
      var changed = Files.getLastModifiedTime(file);
      if (!changed.equals(seen)) {
        withdrawn = read();
        seen = changed;
        broken = false;
      }
    } catch (NoSuchFileException e) {
      withdrawn = List.of();
      seen = null;
      broken = false;
    } catch (IOException e) {
      if (!broken) {
        LOG.error(
            "{} can't be read, so no visitor's pass is good until it can: {}",
            file,
            String.valueOf(e.getMessage()));
      }
      broken = true;
    }
  }

  private List<Withdrawal> read() throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("found more than " + MAX_BYTES + " bytes");
    }
    var all = new ArrayList<Withdrawal>();
    for (var line : Files.readAllLines(file, US_ASCII)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        all.add(parse(line));
      }
    }
    return List.copyOf(all);
  }

  private static Withdrawal parse(String line) throws IOException {
    var parts = LINE.matcher(line.strip());
    var app = parts.matches() ? AppId.parse(parts.group(1)) : Optional.<AppId>empty();
    try {
      return new Withdrawal(
          app.orElseThrow(() -> new NumberFormatException(line)),
          Long.parseLong(parts.group(2)),
          Long.parseLong(parts.group(3)),
          Long.parseLong(parts.group(4)));
    } catch (NumberFormatException e) {
      throw new IOException("a line is not of the form 'APP FROM TO UNTIL'", e);
    }
  }

  /**
   * Withdraws this one.
   *
   * @throws IOException saying what stands in the way
   */
  public void add(Pass pass, Instant now) throws IOException {
    var made = pass.made().toEpochMilli();
    add(new Withdrawal(pass.appId(), made, made, pass.until().getEpochSecond()), now);
  }

  /**
   * Withdraws all of this ExApp that were made until now.
   *
   * @throws IOException saying what stands in the way
   */
  public void addAll(AppId app, Instant now) throws IOException {
    add(new Withdrawal(app, 0, now.toEpochMilli(), FOR_EVER), now);
  }

  private synchronized void add(Withdrawal one, Instant now) throws IOException {
    var before = Files.exists(file) ? read() : List.<Withdrawal>of();
    var all =
        Stream.concat(
                before.stream()
                    .filter(earlier -> earlier.until() > now.getEpochSecond())
                    .filter(earlier -> !earlier.isPartOf(one)),
                Stream.of(one))
            .toList();
    if (all.size() > MOST) {
      throw new IOException(
          "%s: %d passes are withdrawn already; expected fewer: withdraw all of an ExApp"
              .formatted(file, MOST));
    }
    var part = file.resolveSibling("." + file.getFileName() + ".part");
    var text = HEADER + all.stream().map(Withdrawal::line).collect(Collectors.joining());
    try {
      Files.writeString(part, text, US_ASCII);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
