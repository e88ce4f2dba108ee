// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import io.github.harp.core.notice.Visible;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says why a request passes or not. */
@Command(
    name = "why",
    description = {
      "Say why a request would pass, or would not, or why one did not.",
      "Asks the running gateway of this environment. Nothing is sent to an ExApp, and nobody is"
          + " counted.",
      "Exit code 0: it would pass; 1: it would be refused or dropped."
    },
    mixinStandardHelpOptions = true)
public final class WhyCommand implements Callable<Integer> {

  private final Shell shell;

  @Parameters(
      arity = "0..2",
      paramLabel = "[METHOD] URL",
      description = "What would be asked for: an address as in a browser. GET without a method.")
  private List<String> request = List.of();

  @Option(
      names = "--as",
      paramLabel = "WHO",
      description = {
        "Who would ask: anonymous, admin, appapi for Nextcloud itself,",
        "or the name of a user without special rights."
      })
  private String as = "anonymous";

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description = "From where, as a trusted proxy in front would say.")
  private String from = "127.0.0.1";

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "Explain a request of the past by its X-Request-Id, or the beginning of it.")
  private @Nullable String id;

  @Option(names = "--json", description = "Write it as JSON.")
  private boolean json;

  public WhyCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws ConfigurationException, IOException, InterruptedException {
    if (request.isEmpty() == (id == null)) {
      shell.err().println("harp: expected either what would be asked for, or an --id");
      return ExitCode.USAGE;
    }
    var answer = RunningGateway.ask(shell, gateway -> gateway.get("/why?" + query()));
    if (json) {
      shell.out().println(answer.encodePrettily());
    } else if (id == null) {
      printSupposed(answer);
    } else {
      printPast(answer.getJsonArray("requests", new JsonArray()));
    }
    shell.out().flush();
    return id != null || answer.getBoolean("passes", false) ? ExitCode.OK : ExitCode.FAILED;
  }

  private String query() {
    if (id != null) {
      return "id=" + encoded(id);
    }
    return "method=%s&url=%s&as=%s&from=%s"
        .formatted(
            request.size() == 2 ? encoded(request.get(0)) : "GET",
            encoded(request.get(request.size() - 1)),
            encoded(as),
            encoded(from));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void printSupposed(JsonObject answer) {
    for (var it : answer.getJsonArray("steps", new JsonArray())) {
      var step = (JsonObject) it;
      say("  " + step.getString("what") + ": " + step.getString("seen"));
    }
    say("%s: %s".formatted(outcome(answer), answer.getString("means")));
    var headers = answer.getJsonArray("headers", new JsonArray());
    if (!headers.isEmpty()) {
      say("the ExApp would be sent, beside the caller's own headers:");
      headers.forEach(line -> say("  " + line));
    }
  }

  private static String outcome(JsonObject answer) {
    int status = answer.getInteger("status", 0);
    var detail = answer.getString("detail", "");
    return answer.getString("decision")
        + (status == 0 ? "" : " with " + status)
        + (detail.isEmpty() ? "" : " (" + detail + ")");
  }

  private void printPast(JsonArray requests) {
    if (requests.isEmpty()) {
      say("no request of the last ones has an id that begins like this");
    }
    for (var it : requests) {
      printPast((JsonObject) it);
    }
  }

  private void printPast(JsonObject past) {
    say(
        "%s  %s  %s %s"
            .formatted(
                past.getString("id"),
                past.getString("ended"),
                past.getString("method"),
                past.getString("path")));
    sayIfAny("from", past.getString("client"));
    sayIfAny("as", past.getString("as"));
    sayIfAny("ExApp", past.getString("app"));
    sayIfAny("decision", past.getString("decision"));
    sayIfAny("reason", past.getString("reason"));
    sayIfAny("means", past.getString("means"));
    sayIfAny("counted", past.getBoolean("counted", false) ? "against its sender" : "");
    sayIfAny("upstream", past.getString("upstream"));
    sayIfAny("problem", past.getString("problem"));
    int status = past.getInteger("status", 0);
    sayIfAny(
        "answer",
        (status == 0 ? "none" : String.valueOf(status))
            + " after "
            + past.getLong("milliseconds")
            + " ms");
  }

  private void sayIfAny(String what, @Nullable String seen) {
    if (seen != null && !seen.isEmpty()) {
      say("  " + what + ": " + seen);
    }
  }

  private void say(String line) {
    shell.out().println(Visible.text(line));
  }
}
