// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.pull;

import io.netty.buffer.ByteBuf;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How far an engine has come with an image, by what it says of the image's layers: an object of
 * JSON in each line of its answer. Lines and layers beyond a limit are not looked at, and of what
 * can't be read nothing is known. Thread-safe.
 */
public final class PullProgress {

  private static final int LONGEST_LINE = 4_096;
  private static final int MOST_LAYERS = 256;

  /** Only a size that is odd makes the sum odd. */
  private static final long LARGEST = 1L << 44;

  /** Of a layer's way; the rest is unpacking, of which engines tell less. */
  private static final double DOWNLOADED = 0.8;

  private final StringBuilder line = new StringBuilder();
  private final Map<String, Layer> layers = new HashMap<>();
  private boolean isTooLong;
  private int shown;

  private static final class Layer {
    private long size;
    private double done;

    void isDone(double share) {
      done = Math.max(done, share);
    }
  }

  /** A part of the answer, which stays the caller's. */
  public synchronized void passes(ByteBuf part) {
    int from = part.readerIndex();
    for (int end = newLine(part, from); end >= 0; end = newLine(part, from)) {
      append(part, from, end);
      lineEnds();
      from = end + 1;
    }
    append(part, from, part.writerIndex());
  }

  private static int newLine(ByteBuf part, int from) {
    return part.indexOf(from, part.writerIndex(), (byte) '\n');
  }

  private void append(ByteBuf part, int from, int end) {
    isTooLong |= line.length() + end - from > LONGEST_LINE;
    if (!isTooLong) {
      line.append(part.toString(from, end - from, StandardCharsets.ISO_8859_1));
    }
  }

  private void lineEnds() {
    if (!isTooLong && !line.toString().isBlank()) {
      try {
        look(new JsonObject(line.toString()));
      } catch (DecodeException notJson) {
        // Nothing is known of it.
      }
    }
    isTooLong = false;
    line.setLength(0);
  }

  private void look(JsonObject said) {
    if (!(said.getValue("id") instanceof String id)
        || !(said.getValue("status") instanceof String status)) {
      return;
    }
    var detail =
        said.getValue("progressDetail") instanceof JsonObject given ? given : new JsonObject();
    switch (status) {
      case "Pulling fs layer", "Waiting" -> isDone(id, 0);
      case "Downloading" -> downloading(id, detail);
      case "Download complete", "Verifying Checksum" -> isDone(id, DOWNLOADED);
      case "Extracting" ->
          isDone(id, DOWNLOADED + (1 - DOWNLOADED) * share(detail, size(detail, "total")));
      case "Pull complete" -> isDone(id, 1);
      default -> {}
    }
  }

  private void downloading(String id, JsonObject detail) {
    var size = size(detail, "total");
    isDone(id, DOWNLOADED * share(detail, size));
    var layer = layers.get(id);
    if (layer != null) {
      layer.size = Math.max(layer.size, size);
    }
  }

  private void isDone(String id, double share) {
    var layer =
        layers.size() < MOST_LAYERS
            ? layers.computeIfAbsent(id, unknown -> new Layer())
            : layers.get(id);
    if (layer != null) {
      layer.isDone(share);
    }
  }

  private static double share(JsonObject detail, long size) {
    return size == 0 ? 0 : Math.min(1, (double) size(detail, "current") / size);
  }

  private static long size(JsonObject detail, String name) {
    return detail.getValue(name) instanceof Number number
        ? Math.max(0, Math.min(LARGEST, number.longValue()))
        : 0;
  }

  /**
   * Of all layers that are not there already. A layer whose size is not known yet is taken for one
   * like the others; less than what was told before is never told.
   */
  synchronized OptionalInt percent() {
    if (layers.isEmpty()) {
      return OptionalInt.empty();
    }
    var usual = layers.values().stream().mapToLong(it -> it.size).filter(it -> it > 0).average();
    double all = 0;
    double done = 0;
    for (var layer : layers.values()) {
      double size = layer.size > 0 ? layer.size : usual.orElse(1);
      all += size;
      done += size * layer.done;
    }
    shown = Math.max(shown, (int) (100 * done / all));
    return OptionalInt.of(shown);
  }
}
