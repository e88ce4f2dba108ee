// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.key.SharedKey;
import io.github.harp.core.key.VisitorPasses;
import io.github.harp.core.key.VisitorPasses.Pass;
import io.github.harp.dialin.WithdrawnPasses;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensCommandTest {

  private static final String KEY = "correct-horse-battery";
  private static final Pattern TOKEN = Pattern.compile("metadatas\\.token = \"(harpv\\.[^\"]+)\"");

  private final StringWriter err = new StringWriter();

  @TempDir private Path certs;

  @Test
  void aPassIsWithdrawnAndTheNextIsGood() {
    var first = visitor();
    assertThat(isGood(first)).isTrue();

    assertThat(run("withdraw", "--pass", first).code()).isEqualTo(ExitCode.OK);
    var second = visitor();

    assertThat(isGood(first)).isFalse();
    assertThat(isGood(second)).isTrue();
    assertThat(run("withdraw", "--app", "llm2").out()).contains("all passes of llm2");
    assertThat(isGood(second)).isFalse();
  }

  @Test
  void whatIsNoPassIsNamedAndSoIsAWrongUse() {
    assertThat(run("withdraw", "--pass", "harpv.llm2.1.2.x").code()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("this is no pass of this gateway's");
    assertThat(run("withdraw").code()).isEqualTo(ExitCode.USAGE);
    assertThat(run("withdraw", "--app", "a", "--pass", "b").code()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("expected either --app or --pass");
    assertThat(certs).isEmptyDirectory();
  }

  private String visitor() {
    var token =
        TOKEN.matcher(run("visitor", "--app", "llm2", "--server", "harp.example.com").out());
    assertThat(token.find()).isTrue();
    return token.group(1);
  }

  private boolean isGood(String token) {
    Pass pass = new VisitorPasses(SharedKey.of(KEY)).verify(token).orElseThrow();
    return !new WithdrawnPasses(certs.resolve("withdrawn-passes")).has(pass);
  }

  private record Ran(int code, String out) {}

  private Ran run(String... arguments) {
    var out = new StringWriter();
    var all = new String[arguments.length + 1];
    all[0] = "tokens";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    var code =
        HarpCommand.run(
            new Shell(
                Map.of("HP_SHARED_KEY", KEY, "HP_CERTS_DIR", certs.toString()),
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                new ByteArrayOutputStream(),
                false),
            all);
    return new Ran(code, out.toString());
  }
}
