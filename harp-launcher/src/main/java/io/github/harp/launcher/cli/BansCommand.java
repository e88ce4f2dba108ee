// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.ConfigurationException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Who is locked out of the running gateway. */
@Command(
    name = "bans",
    description = "See and end bans of the running gateway.",
    mixinStandardHelpOptions = true)
final class BansCommand {

  private final Shell shell;

  BansCommand(Shell shell) {
    this.shell = shell;
  }

  @Command(
      description = "List addresses with failures that count, banned ones with a mark.",
      mixinStandardHelpOptions = true)
  int list() throws ConfigurationException, IOException, InterruptedException {
    var answer = gateway().get("/bans");
    if (answer.isEmpty()) {
      return notRunning();
    }
    var bans = answer.get().getJsonArray("bans", new JsonArray());
    bans.forEach(it -> print((JsonObject) it));
    if (bans.isEmpty()) {
      shell.out().println("nobody has failures that count");
    }
    return ExitCode.OK;
  }

  @Command(
      description = "Forget the failures of an address, or of all.",
      mixinStandardHelpOptions = true)
  int clear(
      @Parameters(
              arity = "0..1",
              paramLabel = "ADDRESS",
              description = "An IP address; without one all are forgotten.")
          Optional<String> address)
      throws ConfigurationException, IOException, InterruptedException {
    var answer = gateway().delete("/bans" + address.map(it -> "/" + it).orElse(""));
    if (answer.isEmpty()) {
      return notRunning();
    }
    if (!answer.get().containsKey("cleared")) {
      shell.err().println("harp: " + answer.get().getString("status", "not cleared"));
      return ExitCode.FAILED;
    }
    shell.out().println("forgotten in " + answer.get().getInteger("cleared") + " lists");
    return ExitCode.OK;
  }

  private RunningGateway gateway() throws ConfigurationException {
    return new RunningGateway(Configuration.from(shell.environment(), Path.of("/")));
  }

  private void print(JsonObject ban) {
    var text = new StringBuilder(ban.getBoolean("banned", false) ? "BANNED " : "       ");
    text.append(ban.getString("list")).append(' ').append(ban.getString("address")).append(':');
    for (var it : ban.getJsonArray("events", new JsonArray())) {
      var event = (JsonObject) it;
      text.append(' ')
          .append(event.getString("reason"))
          .append(" (")
          .append(event.getLong("seconds_ago"))
          .append(" s ago)");
    }
    shell.out().println(text);
  }

  private int notRunning() {
    shell.err().println("harp: no gateway answers at HP_ADMIN_ADDRESS; expected one that runs");
    return ExitCode.FAILED;
  }
}
