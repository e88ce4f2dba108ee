// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in a small text file now: it is looked at whenever somebody asks, and read again when it
 * has changed. A file that is not there is empty. Thread-safe.
 */
final class FreshFile<T> {

  private static final Logger LOG = LoggerFactory.getLogger(FreshFile.class);

  /** More are left out: nobody may make an event loop read for long. */
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  /** A file that was written just now may be written again within the same tick of its clock. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private record Look(@Nullable Object key, Instant written, long size) {}

  private record Reading<T>(@Nullable Look look, T content) {}

  private final Path path;
  private final Function<String, T> parser;
  private volatile @Nullable Reading<T> last;

  FreshFile(Path path, Function<String, T> parser) {
    this.path = path;
    this.parser = parser;
  }

  T content() {
    var look = look();
    var known = last;
    if (known != null && look != null && look.equals(known.look())) {
      return known.content();
    }
    var content = parser.apply(text());
    var settled = look != null && look.written().isBefore(Instant.now().minus(SETTLED));
    last = new Reading<>(settled ? look : null, content);
    return content;
  }

  private @Nullable Look look() {
    try {
      var attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new Look(
          attributes.fileKey(), attributes.lastModifiedTime().toInstant(), attributes.size());
    } catch (IOException notThere) {
      return null;
    }
  }

  private String text() {
    try (var in = Files.newInputStream(path)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException notReadable) {
      LOG.debug("{} is left out: {}", path, notReadable.toString());
      return "";
    }
  }
}
