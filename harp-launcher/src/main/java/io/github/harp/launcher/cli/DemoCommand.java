// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.demo.Demo;
import io.github.harp.launcher.service.Signals;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.transport.TransportChoice;
import io.github.harp.tunnel.server.TunnelServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Everything at once, to try it out. */
@Command(
    name = "demo",
    description = {
      "Run the gateway between a stand-in for Nextcloud and a sample ExApp that dials in.",
      "Needs neither Docker nor Nextcloud; listens on loopback only."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  private static final long START_SECONDS = 60;
  private static final long CHECK_SECONDS = 30;
  private static final long STOP_SECONDS = 8;

  private final Shell shell;

  @Option(
      names = "--port",
      defaultValue = "" + HarpProxyOptions.DEFAULT_PORT,
      description = "The gateway's port; 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--nextcloud-port",
      defaultValue = "8700",
      description = "The port of Nextcloud's stand-in (default: ${DEFAULT-VALUE}).")
  private int nextcloudPort;

  @Option(
      names = "--tunnel-port",
      defaultValue = "" + TunnelServerOptions.DEFAULT_PORT,
      description = "The port of the tunnels (default: ${DEFAULT-VALUE}).")
  private int tunnelPort;

  @Option(
      names = "--check",
      description = "Use everything once that the demo shows, then end: with 0 if it all works.")
  private boolean check;

  DemoCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws Exception {
    var told = new CountDownLatch(1);
    Signals.on("INT", told::countDown);
    Signals.on("TERM", told::countDown);
    var vertx = TransportChoice.AUTO.start();
    var certificates = Files.createTempDirectory("harp-demo");
    try {
      var demo = new Demo(vertx, new Demo.Ports(port, nextcloudPort, tunnelPort), certificates);
      var running = demo.start().await(START_SECONDS, TimeUnit.SECONDS);
      if (check) {
        running.check(vertx).await(CHECK_SECONDS, TimeUnit.SECONDS);
        shell.out().println("The demo works.");
      } else {
        shell.out().println(running.guide());
        told.await();
      }
      running.stop().await(STOP_SECONDS, TimeUnit.SECONDS);
      return ExitCode.OK;
    } finally {
      vertx.close();
      remove(certificates);
    }
  }

  private static void remove(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (var each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
