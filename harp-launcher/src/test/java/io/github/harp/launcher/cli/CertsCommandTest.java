// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.launcher.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertsCommandTest {

  private final Map<String, String> environment = new HashMap<>();

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path certs;

  @Test
  void showSaysUntilWhenCertificatesAreValid() {
    run("renew");

    assertThat(run("show")).isZero();
    assertThat(out.toString())
        .contains(certs.resolve("frp").toString())
        .containsPattern("ca\\.crt +valid until \\d{4}-\\d\\d-\\d\\d \\(109\\d\\d days\\)")
        .containsPattern("server\\.crt +valid until .* CN=harp\\.nc")
        .containsPattern("client\\.crt +valid until .* CN=harp\\.client\\.nc");
  }

  @Test
  void showTouchesNothing() {
    assertThat(run("show")).isEqualTo(1);
    assertThat(certs).isEmptyDirectory();
  }

  @Test
  void renewIssuesLeavesOfTheSameAuthority() throws Exception {
    run("renew");
    var authority = Files.readString(certs.resolve("frp/ca.crt"));
    var client = Files.readString(certs.resolve("frp/client.crt"));

    assertThat(run("renew")).isZero();

    assertThat(out.toString()).contains("issued server.crt", "issued client.crt");
    assertThat(certs.resolve("frp/ca.crt")).hasContent(authority);
    assertThat(Files.readString(certs.resolve("frp/client.crt"))).isNotEqualTo(client);
  }

  @Test
  void showFailsWhereSomethingNeedsAttention() throws Exception {
    run("renew");
    Files.delete(certs.resolve("frp/ca.key"));

    assertThat(run("show")).isEqualTo(1);
    assertThat(out.toString()).containsPattern("! .*ca\\.key");
    assertThat(run("renew")).isEqualTo(1);
  }

  @Test
  void exportWritesAFolderForARemoteEngineWithoutTheKey() {
    var target = certs.resolve("for-gpu-host");

    var code =
        run("export", "--engine-port", "24001", "--server", "harp.lan", "--to", target.toString());

    assertThat(code).isZero();
    assertThat(target.resolve("frpc.toml")).content().contains("harp.lan", "24001", ".Envs");
    assertThat(target).isDirectoryContaining("glob:**/client.key");
  }

  @Test
  void exportDialsTheHostOfNextcloudUnlessToldOtherwise() {
    var target = certs.resolve("for-gpu-host");
    environment.put("NC_INSTANCE_URL", "https://cloud.example.com/nextcloud");

    assertThat(run("export", "--engine-port", "24001", "--to", target.toString())).isZero();
    assertThat(target.resolve("frpc.toml")).content().contains("cloud.example.com");
    assertThat(out.toString()).contains("it dials cloud.example.com:8782");
  }

  @Test
  void exportSaysWhenItDoesNotKnowWhomToDial() {
    assertThat(run("export", "--engine-port", "24001")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--server");
  }

  @Test
  void exportRefusesAPortThatIsNoEngines() {
    assertThat(run("export", "--engine-port", "80", "--server", "harp.lan")).isEqualTo(2);
    assertThat(err.toString()).contains("--engine-port: found 80; expected a number from 24000");
  }

  private int run(String... arguments) {
    environment.put("HP_CERTS_DIR", certs.toString());
    var shell =
        new Shell(Map.copyOf(environment), new PrintWriter(out, true), new PrintWriter(err, true));
    var all = new String[arguments.length + 1];
    all[0] = "certs";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return HarpCommand.run(shell, all);
  }
}
