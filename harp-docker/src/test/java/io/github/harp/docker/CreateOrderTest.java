// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static io.github.harp.core.HarpException.Code.BAD_REQUEST;
import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.CONFLICT;
import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.REFUSED;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.harp.core.ExAppName;
import io.github.harp.core.InstanceName;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.Mount;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.docker.testing.FakeEngine.Reply;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class CreateOrderTest extends OrdersOnAFakeEngine {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VOLUME = "/volumes/nc_app_demo_data";
  private static final String CREATE = "POST /containers/create";
  private static final Reply CREATED = Reply.json(201, "{\"Id\":\"abc\",\"Warnings\":[]}");
  private static final Reply NEVER_STARTED =
      Reply.json(200, "{\"Id\":\"abc\",\"State\":{\"Status\":\"created\",\"Running\":false}}");

  @Test
  void sendsWhatTheContractDescribes() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{\"Name\":\"nc_app_demo_data\"}"));
    answer(CREATE, CREATED);

    var deployed =
        get(
            runtime()
                .create(
                    new ExAppSpec(
                        DEMO,
                        "ghcr.io/acme/demo:1.0",
                        ContainerEnvironment.of("APP_ID=demo", "APP_PORT=23000"),
                        ComputeDevice.CPU,
                        new ResourceLimits(
                            OptionalLong.of(2147483648L), OptionalLong.of(1500000000L)),
                        new EngineOptions(
                            "nextcloud",
                            "unless-stopped",
                            List.of(new Mount("/srv/models", "/models", true))))));

    assertThat(deployed).isEqualTo(new Deployed("abc", "nc_app_demo", "ghcr.io/acme/demo:1.0"));
    assertThat(requestOf(CREATE).target()).isEqualTo("/containers/create?name=nc_app_demo");
    assertThat(meaning(sent()))
        .isEqualTo(
            JSON.readTree(
                """
                {
                  "Image": "ghcr.io/acme/demo:1.0",
                  "Hostname": "demo",
                  "StopTimeout": 10,
                  "Env": ["APP_ID=demo", "APP_PORT=23000"],
                  "HostConfig": {
                    "NetworkMode": "nextcloud",
                    "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
                    "Mounts": [
                      {"Type": "volume", "Source": "nc_app_demo_data",
                       "Target": "/nc_app_demo_data", "ReadOnly": false},
                      {"Type": "bind", "Source": "/srv/models",
                       "Target": "/models", "ReadOnly": true}
                    ],
                    "Memory": 2147483648,
                    "NanoCpus": 1500000000
                  },
                  "NetworkingConfig": {"EndpointsConfig": {"nextcloud": {"Aliases": ["demo"]}}}
                }
                """));
  }

  @Test
  void theVolumeOfAFurtherNextcloudIsWhereItTellsTheExAppThatItIs() throws Exception {
    answer("GET /volumes/nc_acme_app_demo_data", Reply.json(200, "{}"));
    answer(CREATE, CREATED);
    var acmes = DEMO.beginning(new InstanceName("acme").containers());

    get(runtime().create(spec(acmes, ComputeDevice.CPU, "bridge")));

    assertThat(meaning(sent()).at("/HostConfig/Mounts"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"Type": "volume", "Source": "nc_acme_app_demo_data",
                  "Target": "/nc_app_demo_data", "ReadOnly": false}]
                """));
  }

  @Test
  void asksForAllNvidiaGpus() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, CREATED);

    get(runtime().create(spec(ComputeDevice.CUDA, "bridge")));

    assertThat(meaning(sent()).at("/HostConfig/DeviceRequests"))
        .isEqualTo(
            JSON.readTree(
                "[{\"Driver\":\"nvidia\",\"Count\":-1,\"Capabilities\":[[\"compute\",\"utility\"]]}]"));
  }

  @Test
  @DisplayName("F19: cuda on Podman, which leaves GPUs out without a word, is a warning in the log")
  void f19_cudaOnPodmanIsAWarning() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, CREATED);
    answer(
        "GET /version",
        Reply.json(200, "{\"Version\":\"4.3.1\",\"Components\":[{\"Name\":\"Podman Engine\"}]}"));
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    var logger = (Logger) LoggerFactory.getLogger("io.github.harp.docker");
    logger.addAppender(lines);
    try {
      get(runtime().create(spec(ComputeDevice.CUDA, "bridge")));
      get(runtime().create(spec(ComputeDevice.CPU, "bridge")));
    } finally {
      logger.detachAppender(lines);
    }

    assertThat(lines.list)
        .filteredOn(line -> line.getLevel() == Level.WARN)
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement()
        .asString()
        .contains("nc_app_demo", "cuda", "Podman", "CDI");
  }

  @Test
  void passesTheAmdDevices() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, CREATED);

    get(runtime().create(spec(ComputeDevice.ROCM, "bridge")));

    assertThat(meaning(sent()).at("/HostConfig/Devices"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"PathOnHost": "/dev/kfd", "PathInContainer": "/dev/kfd",
                  "CgroupPermissions": "rwm"},
                 {"PathOnHost": "/dev/dri", "PathInContainer": "/dev/dri",
                  "CgroupPermissions": "rwm"}]
                """));
  }

  @Test
  void namesTheContainerInNetworksThatSomebodyMadeOnly() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, CREATED);

    for (var predefined : List.of("host", "bridge", "none", "container:other")) {
      get(runtime().create(spec(ComputeDevice.CPU, predefined)));
    }

    assertThat(engine.requests())
        .filteredOn(request -> request.call().equals(CREATE))
        .hasSize(4)
        .allSatisfy(
            request -> assertThat(JSON.readTree(request.body()).findValue("Aliases")).isNull());
  }

  @Test
  void createsTheVolumeWhereItIsMissing() throws Exception {
    answer("POST /volumes/create", Reply.json(201, "{\"Name\":\"nc_app_demo_data\"}"));
    answer(CREATE, CREATED);

    get(runtime().create(spec()));

    assertThat(engine.calls()).containsExactly("GET " + VOLUME, "POST /volumes/create", CREATE);
    assertThat(meaning(JSON.readTree(requestOf("POST /volumes/create").body())))
        .isEqualTo(JSON.readTree("{\"Name\":\"nc_app_demo_data\"}"));
  }

  @Test
  void aRefusalHasTheEnginesWordsAndLeavesNoVolume() throws Exception {
    answer("POST /volumes/create", Reply.json(201, "{\"Name\":\"nc_app_demo_data\"}"));
    answer(CREATE, Reply.no(404, "No such image: demo:1"));
    answer("DELETE " + VOLUME, Reply.status(204));

    assertFails(runtime().create(spec()), REFUSED, "404", "No such image: demo:1");

    assertThat(engine.calls()).last().isEqualTo("DELETE " + VOLUME);
  }

  @Test
  void aRefusalLeavesAVolumeThatWasThereBefore() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, Reply.no(500, "disk full"));

    assertFails(runtime().create(spec()), REFUSED, "500", "disk full");

    assertThat(engine.calls()).containsExactly("GET " + VOLUME, CREATE);
  }

  @Test
  void aTakenNameIsAConflictAndTheOtherContainerStays() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, Reply.no(409, "name in use"));
    answer("GET " + CONTAINER + "/json", NEVER_STARTED);

    assertFails(runtime().create(spec()), CONFLICT, "409", "name in use");

    assertThat(engine.calls()).containsExactly("GET " + VOLUME, CREATE);
  }

  @Test
  void podmansWayToSayThatANameIsTaken() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, Reply.no(500, "the container name is already in use by b14f"));

    assertFails(runtime().create(spec()), CONFLICT, "already in use");
  }

  @Test
  void aContainerOfALostAnswerIsRemovedAtOnce() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, out -> {});
    answer("GET " + CONTAINER + "/json", NEVER_STARTED);
    answer("DELETE " + CONTAINER, Reply.status(204));

    assertFails(runtime().create(spec()), FAILED);

    assertThat(engine.calls()).last().isEqualTo("DELETE " + CONTAINER);
  }

  @Test
  void anAnswerWithoutAnIdIsALostOne() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, Reply.json(201, "{}"));
    answer("GET " + CONTAINER + "/json", NEVER_STARTED);
    answer("DELETE " + CONTAINER, Reply.status(204));

    assertFails(runtime().create(spec()), FAILED, "without an id");

    assertThat(engine.calls()).last().isEqualTo("DELETE " + CONTAINER);
  }

  @Test
  @Tag(UNTIL_A_LIMIT)
  void aContainerThatAppearsAfterItsDeadlineIsRemovedByTheNextOrder() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, Reply.silence());
    assertFails(runtime().create(spec()), TIMED_OUT);

    answer("GET " + CONTAINER + "/json", NEVER_STARTED);
    answer("DELETE " + CONTAINER, Reply.status(204));
    answer(CREATE, CREATED);
    var before = engine.calls().size();
    get(runtime().create(spec()));

    assertThat(engine.calls().subList(before, engine.calls().size()))
        .containsExactly(
            "GET " + CONTAINER + "/json", "DELETE " + CONTAINER, "GET " + VOLUME, CREATE);
  }

  @Test
  void whatMayBeAnotherNodesByNowIsNeitherGoneOnWithNorUndone() {
    answer("POST /volumes/create", Reply.json(201, "{}"));
    answer(CREATE, whenTheLockIsGone(out -> {}));
    answer("GET " + CONTAINER + "/json", NEVER_STARTED);
    answer("DELETE " + CONTAINER, Reply.status(204));

    assertFails(runtime().create(spec()), FAILED);
    assertThat(engine.calls()).containsExactly("GET " + VOLUME, "POST /volumes/create", CREATE);

    assertFails(runtime().create(spec()), BUSY, "another node may be at it");
    assertThat(engine.calls()).hasSize(3);
  }

  @Test
  void whatIsInDoubtOutlivesTheTunnelThatBroke() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, out -> engines.reconnect(null));
    assertFails(runtime().create(spec()), FAILED);

    engines.reconnect(engine.upstream());
    answer("GET " + CONTAINER + "/json", NEVER_STARTED);
    answer("DELETE " + CONTAINER, Reply.status(204));
    answer(CREATE, CREATED);
    get(runtime().create(spec()));

    assertThat(engine.calls()).contains("DELETE " + CONTAINER);
  }

  @Test
  void aContainerThatRunsIsNeverRemovedForALostAnswer() throws Exception {
    answer("GET " + VOLUME, Reply.json(200, "{}"));
    answer(CREATE, out -> {});
    answer(
        "GET " + CONTAINER + "/json",
        Reply.json(200, "{\"State\":{\"Status\":\"running\",\"Running\":true}}"));

    assertFails(runtime().create(spec()), FAILED);

    assertThat(engine.calls()).noneMatch(call -> call.startsWith("DELETE"));
  }

  @Test
  void anUnknownRestartPolicyNeverReachesTheEngine() {
    var spec =
        new ExAppSpec(
            DEMO,
            "demo:1",
            ContainerEnvironment.of(),
            ComputeDevice.CPU,
            ResourceLimits.NONE,
            new EngineOptions("bridge", "sometimes", List.of()));

    assertFails(runtime().create(spec), BAD_REQUEST, "sometimes", "unless-stopped");
    assertThat(engine.calls()).isEmpty();
  }

  @Test
  void anEngineThatIsNotConnected() {
    engines.reconnect(null);

    org.assertj.core.api.Assertions.assertThatExceptionOfType(
            io.github.harp.core.HarpException.class)
        .isThrownBy(this::runtime)
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(UNREACHABLE));
  }

  @Test
  @DisplayName("W27 nothing of the environment reaches a log, at any level")
  void w27_theEnvironmentIsNotLogged() throws Exception {
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    var ours = (Logger) LoggerFactory.getLogger("io.github.harp");
    var level = root.getLevel();
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    root.addAppender(lines);
    root.setLevel(Level.TRACE);
    ours.setLevel(Level.TRACE);
    try {
      answer("GET " + VOLUME, Reply.json(200, "{}"));
      answer(CREATE, CREATED);
      get(runtime().create(spec()));
    } finally {
      root.setLevel(level);
      root.detachAppender(lines);
    }

    assertThat(lines.list).isNotEmpty();
    assertThat(lines.list).noneMatch(line -> line.getFormattedMessage().contains("s3cret"));
  }

  private static ExAppSpec spec() {
    return spec(ComputeDevice.CPU, "bridge");
  }

  private static ExAppSpec spec(ComputeDevice device, String networkMode) {
    return spec(DEMO, device, networkMode);
  }

  private static ExAppSpec spec(ExAppName name, ComputeDevice device, String networkMode) {
    return new ExAppSpec(
        name,
        "demo:1",
        ContainerEnvironment.of("APP_SECRET=s3cret"),
        device,
        ResourceLimits.NONE,
        new EngineOptions(networkMode, "unless-stopped", List.of()));
  }

  private JsonNode sent() throws Exception {
    return JSON.readTree(requestOf(CREATE).body());
  }

  /** Without members that say nothing: null, empty lists and objects. */
  private static JsonNode meaning(JsonNode node) {
    if (node.isArray()) {
      var copy = JSON.createArrayNode();
      node.forEach(element -> copy.add(meaning(element)));
      return copy;
    }
    if (!node.isObject()) {
      return node;
    }
    var copy = JSON.createObjectNode();
    node.properties()
        .forEach(
            field -> {
              var value = meaning(field.getValue());
              if (!value.isNull() && !(value.isContainerNode() && value.isEmpty())) {
                copy.set(field.getKey(), value);
              }
            });
    return copy;
  }
}
