// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.Shell;
import io.github.harp.transfer.Transfer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Files and folders of this host to another peer. */
@Command(
    name = "send",
    description = {
      "Send files and folders to the peer that runs harp fetch: straight where networks allow it,",
      "else through HaRP. Started again after a cut or a stop, it goes on where it was."
    },
    mixinStandardHelpOptions = true)
final class SendCommand implements Callable<Integer> {

  private final Shell shell;

  @Mixin private PeerOptions peer = new PeerOptions();

  @Parameters(paramLabel = "PATH", arity = "1..*", description = "What to send.")
  private List<Path> paths = List.of();

  SendCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws Exception {
    return peer.run(shell, options -> Transfer.sending(paths, options));
  }
}
