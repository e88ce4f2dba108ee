// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertsCommandTest {

  private final Map<String, String> environment = new HashMap<>();

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

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
    run("renew");
    var target = certs.resolve("for-gpu-host");

    var code =
        run("export", "--engine-port", "24001", "--server", "harp.lan", "--to", target.toString());

    assertThat(code).isZero();
    assertThat(target.resolve("frpc.toml")).content().contains("harp.lan", "24001", ".Envs");
    assertThat(target).isDirectoryContaining("glob:**/client.key");
  }

  @Test
  @DisplayName("F12: export makes no new authority, and says where to run it")
  void exportRefusesWhereThereIsNoAuthority() {
    assertThat(run("export", "--engine-port", "24001", "--server", "harp.lan", "--to", "-"))
        .isEqualTo(ExitCode.FAILED);

    assertThat(err.toString())
        .contains(certs.resolve("frp") + ": found no ca.crt")
        .contains("docker exec harp harp certs export --engine-port 24001 --to - > ");
    assertThat(bytes.size()).isZero();
    assertThat(certs).isEmptyDirectory();
  }

  @ParameterizedTest(name = "F12: without {0}")
  @ValueSource(strings = {"client.crt", "client.key"})
  void exportChangesNothing(String missing) throws Exception {
    run("renew");
    Files.delete(certs.resolve("frp").resolve(missing));

    assertThat(run("export", "--engine-port", "24001", "--server", "harp.lan", "--to", "-"))
        .isEqualTo(ExitCode.FAILED);

    assertThat(err.toString()).contains("found no " + missing);
    assertThat(certs.resolve("frp").resolve(missing)).doesNotExist();
  }

  @Test
  @DisplayName("F12: --to - writes a tar to standard output and nothing else")
  void exportWritesATarToStandardOutput() throws Exception {
    run("renew");
    out.getBuffer().setLength(0);
    environment.put("HP_FRP_ADDRESS", "'0.0.0.0:9782'");

    assertThat(run("export", "--engine-port", "24001", "--server", "harp.lan", "--to", "-"))
        .isZero();

    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("it dials harp.lan:9782");
    var files = new TreeMap<String, String>();
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        files.put(
            entry.getName() + " " + Integer.toOctalString(entry.getMode() & 0777),
            new String(tar.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    assertThat(files)
        .containsOnlyKeys(
            "harp-engine/ 700",
            "harp-engine/ca.crt 644",
            "harp-engine/client.crt 644",
            "harp-engine/client.key 600",
            "harp-engine/compose.yaml 644",
            "harp-engine/frpc.toml 644");
    assertThat(files.get("harp-engine/frpc.toml 644")).contains("serverPort = 9782", "harp.lan");
    assertThat(files.get("harp-engine/ca.crt 644"))
        .isEqualTo(Files.readString(certs.resolve("frp/ca.crt")));
  }

  @Test
  @DisplayName("F12: where nothing can be written, it says how to go on")
  void exportNamesStandardOutputWhereNothingCanBeWritten() throws Exception {
    run("renew");
    var file = Files.createFile(certs.resolve("a-file"));

    assertThat(
            run(
                "export",
                "--engine-port",
                "24001",
                "--server",
                "harp.lan",
                "--to",
                file.resolve("x").toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("--to " + file, "- for a tar on standard output");
  }

  @Test
  void exportDialsTheHostOfNextcloudUnlessToldOtherwise() {
    run("renew");
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
        new Shell(
            Map.copyOf(environment),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            bytes,
            false);
    var all = new String[arguments.length + 1];
    all[0] = "certs";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return HarpCommand.run(shell, all);
  }
}
