// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** The hottest methods and the most generous allocators of a flight recording. */
public final class FlightSummary {
  private static final int TOP = 30;
  private static final String OURS = "io.github.harp.";

  private final Map<String, Long> samples = new HashMap<>();
  private final Map<String, Long> ourSamples = new HashMap<>();
  private final Map<String, Long> allocated = new HashMap<>();
  private int collections;
  private Duration paused = Duration.ZERO;

  /** Reads a recording to its end. */
  public static String of(Path recording) {
    var summary = new FlightSummary();
    try (var file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        summary.add(file.readEvent());
      }
    } catch (IOException e) {
      throw new BenchException(recording + " is no flight recording that can be read", e);
    }
    return summary.render();
  }

  private void add(RecordedEvent event) {
    switch (event.getEventType().getName()) {
      case "jdk.ExecutionSample", "jdk.NativeMethodSample" -> addSample(event);
      case "jdk.ObjectAllocationSample" ->
          allocated.merge(
              event.getClass("objectClass").getName() + " at " + topOf(event, OURS),
              event.getLong("weight"),
              Long::sum);
      case "jdk.GarbageCollection" -> {
        collections++;
        paused = paused.plus(event.getDuration("sumOfPauses"));
      }
      default -> {}
    }
  }

  private void addSample(RecordedEvent event) {
    samples.merge(topOf(event, ""), 1L, Long::sum);
    ourSamples.merge(topOf(event, OURS), 1L, Long::sum);
  }

  /** The innermost method whose class name starts with a prefix. */
  private static String topOf(RecordedEvent event, String prefix) {
    var stack = event.getStackTrace();
    if (stack == null) {
      return "(no stack)";
    }
    return stack.getFrames().stream()
        .filter(frame -> frame.getMethod().getType().getName().startsWith(prefix))
        .findFirst()
        .map(FlightSummary::name)
        .orElse("(none of ours)");
  }

  private static String name(@Nullable RecordedFrame frame) {
    if (frame == null) {
      return "";
    }
    var type = frame.getMethod().getType().getName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName();
  }

  private String render() {
    return table("Samples by innermost method", samples)
        + table("Samples by innermost method of ours", ourSamples)
        + table("Allocation by class and innermost method of ours", allocated)
        + "%d garbage collections, %d ms of pauses%n".formatted(collections, paused.toMillis());
  }

  private static String table(String title, Map<String, Long> counts) {
    double total = counts.values().stream().mapToLong(Long::longValue).sum();
    var text = new StringBuilder(title + "\n\n");
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(TOP)
        .forEach(
            entry ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%5.1f %%  %s%n",
                        entry.getValue() / total * 100,
                        entry.getKey())));
    return text.append('\n').toString();
  }
}
