// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.tunnel.config.VisitorExport;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a command line or a file; that both work, {@code FilesIT} shows. */
class SendCommandTest {

  private static final String SERVER = "serverAddr = \"127.0.0.1\"\n";

  @TempDir Path folder;

  private record Ran(int code, String out, String err) {}

  private static Ran run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var code =
        HarpCommand.run(
            new Shell(
                Map.of(),
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                OutputStream.nullOutputStream(),
                false),
            arguments);
    return new Ran(code, out.toString(), err.toString());
  }

  private String config(String text) throws IOException {
    return Files.writeString(folder.resolve("frpc.toml"), SERVER + text).toString();
  }

  private String refusal(String text, String... more) throws IOException {
    var file = Files.writeString(folder.resolve("file"), "x").toString();
    var arguments = new String[4 + more.length];
    System.arraycopy(new String[] {"send", "-c", config(text), file}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    var ran = run(arguments);
    assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
    return ran.err();
  }

  private static String service(String name, int port) {
    return new VisitorExport("llm2/" + name, "secret").owner(port);
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    var ran = run("send", "-c", config(""), folder.resolve("nothing").toString());
    assertThat(ran.err()).startsWith("harp: there is no ").contains("nothing");
    assertThat(run("send", "-c", "x").code()).isEqualTo(ExitCode.USAGE);
    assertThat(run("send", "-c", folder + "/none.toml", folder.toString()).err())
        .contains("there is no file");
    assertThat(refusal("")).contains("has no service for visitors");
  }

  @Test
  void oneOfSeveralServicesHasToBeChosen() throws IOException {
    var two = service("", 23000) + service("files-", 23010);

    assertThat(refusal(two))
        .contains("has several services for visitors")
        .contains("for one service, or --service");
    assertThat(refusal(two, "--service=other")).contains("has no service for visitors");
  }

  @Test
  void aFileThatOpensPortsIsItsFrpcs() throws IOException {
    var port = "[[proxies]]\nname = \"a\"\ntype = \"tcp\"\nremotePort = 1\nlocalPort = 2\n";

    assertThat(refusal(port + service("", 23000)))
        .contains("opens ports, too")
        .contains("; expected --listen");
  }

  @Test
  void patienceIsATime() throws IOException {
    var ran = run("fetch", "-c", config(""), "-o", folder.toString(), "--patience=3");

    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains("--patience: found '3'; expected a time such as 30m");
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(refusal(service("", taken.getLocalPort()), "--listen"))
          .contains("127.0.0.1:" + taken.getLocalPort());
    }
  }
}
