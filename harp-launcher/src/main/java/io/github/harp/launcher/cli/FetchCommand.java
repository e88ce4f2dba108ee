// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.Shell;
import io.github.harp.transfer.Transfer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Files and folders from another peer to this host. */
@Command(
    name = "fetch",
    description = {
      "Fetch what the peer that runs harp send has to send. Each file is checked and gets its name",
      "when it is whole. Started again after a cut or a stop, it goes on where it was."
    },
    mixinStandardHelpOptions = true)
final class FetchCommand implements Callable<Integer> {

  private final Shell shell;

  @Mixin private PeerOptions peer = new PeerOptions();

  @Option(
      names = {"-o", "--output"},
      defaultValue = ".",
      paramLabel = "FOLDER",
      description = "Where to put it (default: the current folder).")
  private Path folder = Path.of(".");

  @Option(
      names = "--replace",
      description = {
        "Put new files in the place of other ones of the same name. Without it nothing is fetched",
        "while there are any."
      })
  private boolean replaces;

  FetchCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws Exception {
    return peer.run(shell, options -> Transfer.fetching(folder, replaces, options));
  }
}
