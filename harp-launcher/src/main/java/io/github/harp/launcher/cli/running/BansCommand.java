// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import io.github.harp.core.notice.Visible;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.netty.util.NetUtil;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Who is locked out of the running gateway. */
@Command(
    name = "bans",
    description = "See and end bans of the running gateway.",
    mixinStandardHelpOptions = true)
public final class BansCommand {

  private final Shell shell;

  public BansCommand(Shell shell) {
    this.shell = shell;
  }

  @Command(
      description = "List addresses with failures that count, banned ones with a mark.",
      mixinStandardHelpOptions = true)
  int list() throws ConfigurationException, IOException, InterruptedException {
    var bans =
        RunningGateway.ask(shell, gateway -> gateway.get("/bans"))
            .getJsonArray("bans", new JsonArray());
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
    if (address.isPresent()
        && !NetUtil.isValidIpV4Address(address.get())
        && !NetUtil.isValidIpV6Address(address.get())) {
      shell
          .err()
          .println(
              "harp: found '"
                  + address.get()
                  + "'; expected an IP address as 'harp bans list' shows it");
      return ExitCode.USAGE;
    }
    var path = "/bans" + address.map(it -> "/" + it).orElse("");
    int lists = RunningGateway.ask(shell, gateway -> gateway.delete(path)).getInteger("cleared", 0);
    shell
        .out()
        .println(
            lists == 0
                ? "there was nothing to forget"
                : "forgotten in " + lists + (lists == 1 ? " list" : " lists"));
    return ExitCode.OK;
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
    shell.out().println(Visible.text(text.toString()));
  }
}
