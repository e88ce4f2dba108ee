// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.util.CachingDateFormatter;
import io.github.harp.core.notice.Visible;

/**
 * The original's lines: {@code [2026-11-28T17:05:22+0000] [WARNING] message}, and below it the
 * stack of a failure, indented. The one place through which text reaches a log, so that whoever
 * logs need not think of what a {@link Visible} line may hold.
 */
final class TextLines extends LayoutBase<ILoggingEvent> {

  private final CachingDateFormatter time = new CachingDateFormatter("yyyy-MM-dd'T'HH:mm:ssZ");

  @Override
  public String doLayout(ILoggingEvent event) {
    var text =
        new StringBuilder(200)
            .append('[')
            .append(time.format(event.getTimeStamp()))
            .append("] [")
            .append(event.getLevel() == Level.WARN ? "WARNING" : event.getLevel().toString())
            .append("] ")
            .append(Visible.text(String.valueOf(event.getFormattedMessage())))
            .append('\n');
    if (event.getThrowableProxy() != null) {
      // A failure's own message may hold line ends: indented, none of them begins a line of a log.
      ThrowableProxyUtil.asString(event.getThrowableProxy())
          .lines()
          .map(line -> "\t" + Visible.text(line.strip()) + "\n")
          .forEach(text::append);
    }
    return text.toString();
  }
}
