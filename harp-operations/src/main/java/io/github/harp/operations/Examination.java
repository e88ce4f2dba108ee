// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.notice.Visible;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the doctor found, in the order in which it looked. */
public record Examination(List<Finding> findings) {

  public Examination {
    findings = List.copyOf(findings);
  }

  public Severity worst() {
    return findings.stream().map(Finding::severity).max(Severity::compareTo).orElse(Severity.OK);
  }

  /** 0: all is well; 1: there are warnings; 2: something does not work. */
  public int exitCode() {
    return switch (worst()) {
      case OK, NOTE -> 0;
      case WARNING -> 1;
      case FAILURE -> 2;
    };
  }

  public JsonObject toJson() {
    var list = new JsonArray();
    findings.forEach(finding -> list.add(json(finding)));
    return new JsonObject().put("exit_code", exitCode()).put("findings", list);
  }

  /** Reads what {@link #toJson} wrote. */
  public static Examination from(JsonObject json) {
    return new Examination(
        json.getJsonArray("findings", new JsonArray()).stream()
            .map(it -> finding((JsonObject) it))
            .toList());
  }

  private static JsonObject json(Finding finding) {
    return new JsonObject()
        .put("check", finding.about())
        .put("severity", finding.severity().name().toLowerCase(Locale.ROOT))
        .put("seen", finding.seen())
        .put("meaning", finding.meaning())
        .put("remedy", finding.remedy());
  }

  private static Finding finding(JsonObject json) {
    return new Finding(
        json.getString("check", ""),
        Severity.valueOf(json.getString("severity", "note").toUpperCase(Locale.ROOT)),
        json.getString("seen", ""),
        json.getString("meaning", ""),
        json.getString("remedy", ""));
  }

  /** For people: a line of what was seen, and below it what it means and what to do. */
  public String toText() {
    var text = new StringBuilder();
    for (var finding : findings) {
      text.append(mark(finding.severity())).append(finding.about()).append(": ");
      text.append(Visible.text(finding.seen())).append('\n');
      paragraph(text, "means:  ", finding.meaning());
      paragraph(text, "change: ", finding.remedy());
    }
    return text.toString();
  }

  private static void paragraph(StringBuilder text, String title, String body) {
    if (!body.isEmpty()) {
      text.append("        ")
          .append(title)
          .append(body.lines().map(Visible::text).collect(Collectors.joining("\n                ")))
          .append('\n');
    }
  }

  private static String mark(Severity severity) {
    return switch (severity) {
      case OK -> "[ ok ]  ";
      case NOTE -> "[note]  ";
      case WARNING -> "[warn]  ";
      case FAILURE -> "[FAIL]  ";
    };
  }
}
