// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.logging;

import io.github.harp.operations.tracing.OtlpTracing;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/** What OpenTelemetry says of a collector that is not there, in the log where all else is. */
public final class TracingLog extends Handler {

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(OtlpTracing.class);

  /** Held, or it would be forgotten along with its handler. */
  private static final Logger OF_SDK = Logger.getLogger("io.opentelemetry");

  private TracingLog() {}

  /** Takes it from now on. */
  public static synchronized void take() {
    if (OF_SDK.getHandlers().length == 0) {
      OF_SDK.setUseParentHandlers(false);
      OF_SDK.addHandler(new TracingLog());
    }
  }

  @Override
  public void publish(LogRecord said) {
    if (said.getLevel().intValue() >= Level.WARNING.intValue()) {
      LOG.warn("traces: {}", said.getMessage());
    } else {
      LOG.debug("traces: {}", said.getMessage());
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
