// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.presence;

import static java.util.stream.Collectors.toMap;

import io.github.harp.cluster.redis.Seal;
import io.github.harp.core.address.ListenAddress;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a node says with a sign of life.
 *
 * @param writer who has sealed it; empty where nobody with this key has
 * @param count how often that one had spoken then
 * @param run its process; empty where nobody with this key has sealed it
 * @param address where others reach it
 * @param words what it says of each Nextcloud that it serves, by name
 */
record Beat(
    String version,
    String key,
    String writer,
    long count,
    Duration clockAhead,
    String run,
    Optional<ListenAddress> address,
    Map<String, Attendance.Word> words) {

  /**
   * @param open takes the seal off that nodes with this key have
   */
  static Beat read(String text, Function<byte[], Optional<Seal.Opened>> open, long nowMs) {
    try {
      var said = new JsonObject(text);
      var key = Roster.shown(said.getString("key", ""));
      var opened = open.apply(said.getBinary("sealed", new byte[0]));
      if (opened.isEmpty()) {
        return ofStranger(Roster.shown(said.getString("version", "")), key);
      }
      var content = new JsonObject(Buffer.buffer(opened.get().content()));
      return new Beat(
          content.getString("version"),
          key,
          opened.get().writer(),
          opened.get().number(),
          Duration.ofMillis(content.getLong("at") - nowMs),
          content.getString("run", ""),
          Optional.of(content.getString("address", ""))
              .filter(it -> !it.isEmpty())
              .map(ListenAddress::parse),
          words(content.getJsonObject("serves", new JsonObject())));
    } catch (RuntimeException garbage) {
      return ofStranger("", "");
    }
  }

  private static Map<String, Attendance.Word> words(JsonObject text) {
    return text.stream()
        .collect(toMap(Map.Entry::getKey, it -> Attendance.Word.read((JsonObject) it.getValue())));
  }

  private static Beat ofStranger(String version, String key) {
    return new Beat(version, key, "", 0, Duration.ZERO, "", Optional.empty(), Map.of());
  }

  boolean isOwnKeys() {
    return !writer.isEmpty();
  }

  /** What a node has said before, and somebody has kept, is no sign of life. */
  boolean isNewerThan(Beat other) {
    return !other.isOwnKeys()
        || isOwnKeys() && (!writer.equals(other.writer()) || count > other.count());
  }
}
