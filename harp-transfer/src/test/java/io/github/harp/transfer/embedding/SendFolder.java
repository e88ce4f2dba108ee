// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.embedding;

import io.github.harp.transfer.Transfer;
import io.github.harp.transfer.TransferOptions;
import io.github.harp.tunnel.config.FrpcConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * Sends a folder to whoever fetches at the other side, by what harp tokens printed for this one.
 */
public final class SendFolder {

  public static void main(String[] arguments) throws Exception {
    System.out.println(send(Path.of("model"), Path.of("frpc.toml")));
  }

  static String send(Path folder, Path file) throws Exception {
    var config = FrpcConfig.read(file, System.getenv());
    var options = TransferOptions.meetingBy(config).build();
    try (var transfer = Transfer.sending(List.of(folder), options)) {
      return transfer.run();
    }
  }
}
