// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.github.harp.core.notice.Visible;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Set;

/**
 * One flat JSON object per line: {@code time}, {@code level}, {@code logger}, {@code thread},
 * {@code message}, for a failure {@code stack}, and what else the line has to say under its own
 * keys. Logback's own encoder puts those into a list and leaves the message unfilled.
 */
final class JsonLines extends LayoutBase<ILoggingEvent> {

  private static final Set<String> OURS =
      Set.of("time", "level", "logger", "thread", "message", "stack");

  @Override
  public String doLayout(ILoggingEvent event) {
    var line =
        new JsonObject()
            .put("time", Instant.ofEpochMilli(event.getTimeStamp()).toString())
            .put("level", event.getLevel() == Level.WARN ? "WARNING" : event.getLevel().toString())
            .put("logger", event.getLoggerName())
            .put("thread", event.getThreadName())
            .put("message", event.getFormattedMessage());
    if (event.getKeyValuePairs() != null) {
      for (var pair : event.getKeyValuePairs()) {
        var isPlain = pair.value instanceof Number || pair.value instanceof Boolean;
        line.put(
            OURS.contains(pair.key) ? "_" + pair.key : pair.key,
            isPlain ? pair.value : String.valueOf(pair.value));
      }
    }
    if (event.getThrowableProxy() != null) {
      line.put("stack", ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return Visible.json(line.encode()) + "\n";
  }
}
