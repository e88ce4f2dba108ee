// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;
import static io.github.harp.core.HarpException.Code.REFUSED;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.docker.testing.FakeEngine.Reply;
import io.vertx.core.Future;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class InstallCertificatesOrderTest extends OrdersOnAFakeEngine {

  private static final String INSPECT = "GET " + CONTAINER + "/json";
  private static final String START = "POST " + CONTAINER + "/start";
  private static final String STOP = "POST " + CONTAINER + "/stop";
  private static final String UPLOAD = "PUT " + CONTAINER + "/archive";
  private static final String EXEC = "POST " + CONTAINER + "/exec";
  private static final String BUNDLE =
      "-----BEGIN CERTIFICATE-----\nZmlyc3Q=\n-----END CERTIFICATE-----\n";

  private final ArrayDeque<String> exitCodes = new ArrayDeque<>();

  private void container(boolean running) {
    container(running, "1000");
  }

  private void container(boolean running, String user) {
    answer(
        INSPECT,
        Reply.json(
            200,
            "{\"Id\":\"abc\",\"Config\":{\"User\":\"%s\"},\"State\":{\"Status\":\"x\",\"Running\":%s}}"
                .formatted(user, running)));
    answer(START, Reply.status(204));
    answer(STOP, Reply.status(204));
    answer(UPLOAD, Reply.status(200));
    answer(EXEC, Reply.json(201, "{\"Id\":\"e1\"}"));
    answer("POST /exec/e1/start", Reply.frames("NAME=\"Debian GNU/Linux\"\nID=debian\n"));
    answer(
        "GET /exec/e1/json",
        out ->
            Reply.json(
                    200,
                    "{\"Running\":false,\"ExitCode\":"
                        + Optional.ofNullable(exitCodes.poll()).orElse("0")
                        + "}")
                .to(out));
  }

  @Test
  @DisplayName("W9 a stopped container gets the tunnel's files, and is started only then")
  void w9_filesComeBeforeTheStart() throws Exception {
    container(false);

    get(install(Optional.of(BUNDLE)));

    assertThat(engine.calls())
        .filteredOn(call -> !call.startsWith("HEAD") && !call.contains("/exec/"))
        .containsExactly(INSPECT, UPLOAD, START, EXEC, EXEC, UPLOAD, EXEC, STOP);
    assertThat(uploads().get(0).keySet())
        .containsExactly("certs/", "certs/frp/", "certs/frp/ca.crt", "certs/frp/client.key");
    assertThat(uploads().get(1).keySet())
        .containsExactly("usr/local/share/ca-certificates/custom_ca_cert_0.crt");
  }

  @Test
  void aStoppedContainerThatNeedsNoUpdateIsNotEvenStarted() throws Exception {
    container(false);

    get(install(Optional.empty()));

    assertThat(engine.calls()).contains(UPLOAD).doesNotContain(START, STOP, EXEC);
  }

  @Test
  void aRunningContainerGetsTheSystemsCertificatesFirstAndGoesOn() throws Exception {
    container(true);

    get(install(Optional.of(BUNDLE)));

    assertThat(engine.calls())
        .filteredOn(call -> !call.contains("/exec/"))
        .containsExactly(INSPECT, EXEC, EXEC, UPLOAD, EXEC, EXEC, UPLOAD);
    assertThat(commands())
        .containsExactly(
            "[\"cat\",\"/etc/os-release\"]",
            "[\"mkdir\",\"-p\",\"/usr/local/share/ca-certificates\"]",
            "[\"update-ca-certificates\"]",
            "[\"mkdir\",\"-p\",\"/certs/frp\"]");
  }

  @Test
  @DisplayName("W15 modes and owners in the archive")
  void w15_theKeyIsForTheContainersUserOnly() throws Exception {
    container(false);

    get(install(Optional.empty()));

    assertThat(uploads().get(0))
        .containsEntry("certs/frp/ca.crt", "644 0:0 ca")
        .containsEntry("certs/frp/client.key", "600 1000:0 key");
    assertThat(requestOf(UPLOAD).headers()).containsEntry("content-type", "application/x-tar");
    assertThat(requestOf(UPLOAD).target()).endsWith("?path=%2F");
  }

  /** More than the seven octal digits of an archive's first form, as OpenShift gives users. */
  @Test
  void aUserMayHaveALargeNumber() throws Exception {
    container(false, "100680000:2097152");

    get(install(Optional.empty()));

    assertThat(uploads().get(0)).containsEntry("certs/frp/client.key", "600 100680000:2097152 key");
  }

  @Test
  void anEngineThatTellsLittleAboutAContainer() throws Exception {
    container(false);
    answer(INSPECT, Reply.json(200, "{\"Id\":\"abc\"}"));

    get(install(Optional.of(BUNDLE)));

    assertThat(uploads().get(0)).containsEntry("certs/frp/client.key", "644 0:0 key");
    assertThat(engine.calls()).last().isEqualTo(STOP);
  }

  @Test
  @DisplayName("W26 a container that does not exist is not stopped")
  void w26_noContainer() {
    assertFails(install(Optional.of(BUNDLE)), NOT_FOUND, "nc_app_demo");
    assertThat(engine.calls()).containsExactly(INSPECT);
  }

  @Test
  void stopsAgainWhenTheDistributionCannotBeRead() {
    container(false);
    exitCodes.add("1");

    assertFails(install(Optional.of(BUNDLE)), FAILED, "cat /etc/os-release", "ended with 1");
    assertThat(engine.calls()).last().isEqualTo(STOP);
  }

  @Test
  void stopsAgainWhenTheFolderCannotBeMade() {
    container(false);
    exitCodes.addAll(List.of("0", "1"));

    assertFails(install(Optional.of(BUNDLE)), FAILED, "mkdir -p", "ended with 1");
    assertThat(engine.calls()).last().isEqualTo(STOP);
  }

  @Test
  void stopsAgainWhenTheEngineCutsAnExec() {
    container(false);
    answer("POST /exec/e1/start", out -> {});

    assertFails(
        install(Optional.of(BUNDLE)),
        FAILED,
        "'cat /etc/os-release' in nc_app_demo",
        "/exec/e1/start");
    assertThat(engine.calls()).last().isEqualTo(STOP);
  }

  /** Through a tunnel a cut looks like the end of the output; what is asked next tells. */
  @Test
  void anEngineThatGoesBeforeItTellsTheExitCodeIsNamedWithTheContainer() {
    container(false);
    answer("GET /exec/e1/json", out -> {});

    assertFails(
        install(Optional.of(BUNDLE)),
        FAILED,
        "'cat /etc/os-release' in nc_app_demo",
        "/exec/e1/json");
  }

  @Test
  @Tag(UNTIL_A_LIMIT)
  void stopsAgainWhenTheEngineHangs() {
    container(false);
    answer("POST /exec/e1/start", Reply.silence());

    assertFails(install(Optional.of(BUNDLE)), TIMED_OUT, "/exec/e1/start");
    assertThat(engine.calls()).last().isEqualTo(STOP);
  }

  @Test
  void stopsAgainWhenHarpStopsInTheMiddle() throws Exception {
    container(false);
    answer(EXEC, Reply.silence());
    var order = install(Optional.of(BUNDLE));
    await().until(() -> engine.calls().contains(EXEC));

    runtimes.close();

    await().until(order::isComplete);
    assertThat(engine.calls()).last().isEqualTo(STOP);
  }

  @Test
  void stopsAgainWhenTheStartWentWrong() {
    container(false);
    answer(START, Reply.no(500, "no space left"));

    assertFails(install(Optional.of(BUNDLE)), REFUSED, "500", "no space left");
    assertThat(engine.calls()).last().isEqualTo(STOP);
  }

  @Test
  void aStoppedContainerThatCannotTakeTheFilesIsNotStarted() {
    container(false);
    answer(UPLOAD, Reply.no(403, "read-only"));

    assertFails(install(Optional.of(BUNDLE)), REFUSED, "403", "read-only");
    assertThat(engine.calls()).doesNotContain(START);
  }

  @Test
  void anUpdateThatFailsIsOnlyLogged() throws Exception {
    container(false);
    exitCodes.addAll(List.of("0", "0", "3"));

    get(install(Optional.of(BUNDLE)));

    assertThat(engine.calls()).last().isEqualTo(STOP);
  }

  @Test
  void aDistributionNobodyKnowsGetsNoSystemCertificates() throws Exception {
    container(true);
    answer("POST /exec/e1/start", Reply.frames("ID=nixos\n"));

    get(install(Optional.of(BUNDLE)));

    assertThat(uploads()).hasSize(1);
    assertThat(commands()).doesNotContain("[\"update-ca-certificates\"]");
  }

  private Future<Void> install(Optional<String> bundle) {
    return runtime().installCertificates(DEMO, new CertificateInstallation(bundle, true));
  }

  private List<String> commands() {
    return engine.requests().stream()
        .filter(request -> request.call().equals(EXEC))
        .map(request -> request.text().replaceAll(".*\"Cmd\":(\\[[^]]*]).*", "$1"))
        .toList();
  }

  /** Path to {@code mode uid:gid content} of each archive, in order. */
  private List<Map<String, String>> uploads() throws IOException {
    var all = new ArrayList<Map<String, String>>();
    for (var request : engine.requests()) {
      if (request.call().equals(UPLOAD)) {
        var entries = new java.util.LinkedHashMap<String, String>();
        var tar = new TarArchiveInputStream(new ByteArrayInputStream(request.body()));
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
          entries.put(
              entry.getName(),
              "%o %d:%d %s"
                  .formatted(
                      entry.getMode() & 0777,
                      entry.getLongUserId(),
                      entry.getLongGroupId(),
                      new String(tar.readAllBytes())));
        }
        all.add(entries);
      }
    }
    return all;
  }
}
