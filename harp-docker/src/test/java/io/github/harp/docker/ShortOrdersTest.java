// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static io.github.harp.core.HarpException.Code.BAD_REQUEST;
import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.CONFLICT;
import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;
import static io.github.harp.core.HarpException.Code.REFUSED;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderRecord;
import io.github.harp.docker.testing.FakeEngine.Reply;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** exists, start, stop, remove and image_remove, and how any order fails. */
class ShortOrdersTest extends OrdersOnAFakeEngine {

  private static final String INSPECT = "GET " + CONTAINER + "/json";
  private static final String START = "POST " + CONTAINER + "/start";
  private static final String STOP = "POST " + CONTAINER + "/stop";
  private static final String REMOVE = "DELETE " + CONTAINER;
  private static final String REMOVE_VOLUME = "DELETE /volumes/nc_app_demo_data";
  private static final String IMAGE = "/images/ghcr.io%2Facme%2Fdemo%3A1";

  @Test
  void findsAContainerWithTheImageItWasMadeFrom() throws Exception {
    answer(
        INSPECT,
        Reply.json(
            200, "{\"Id\":\"abc\",\"Image\":\"sha256:1\",\"Config\":{\"Image\":\"demo:1\"}}"));

    assertThat(get(runtime().find(DEMO))).contains(new Deployed("abc", "nc_app_demo", "demo:1"));
  }

  @Test
  void fallsBackToTheImagesDigest() throws Exception {
    answer(INSPECT, Reply.json(200, "{\"Id\":\"abc\",\"Image\":\"sha256:1\",\"Config\":{}}"));

    assertThat(get(runtime().find(DEMO))).contains(new Deployed("abc", "nc_app_demo", "sha256:1"));
  }

  @Test
  void findsAContainerOfWhichNothingElseCanBeUnderstood() throws Exception {
    answer(INSPECT, Reply.json(200, "<html>"));

    assertThat(get(runtime().find(DEMO))).contains(new Deployed("", "nc_app_demo", ""));
  }

  @Test
  @DisplayName("W26 an engine's error is told as what it is")
  void w26_errorsOfTheEngine() {
    answer(INSPECT, Reply.no(500, "database is locked"));

    assertFails(runtime().find(DEMO), REFUSED, "engine 24000", "500", "database is locked");
  }

  @Test
  void eachOrderIsToldOfOnceWithHowItEnded() throws Exception {
    answer(START, Reply.status(204));
    answer(INSPECT, Reply.no(500, "database is locked"));

    get(runtime().start(DEMO));
    assertFails(runtime().find(DEMO), REFUSED);

    // The order's Future may be seen complete before its observer has run.
    await().until(() -> finished.size() >= 2);
    assertThat(finished)
        .extracting(OrderRecord::place, OrderRecord::kind, OrderRecord::failure)
        .containsExactly(
            tuple(Place.engine(EngineNumber.FIRST), OrderRecord.Kind.START, Optional.empty()),
            tuple(Place.engine(EngineNumber.FIRST), OrderRecord.Kind.FIND, Optional.of(REFUSED)));
    assertThat(finished).allSatisfy(order -> assertThat(order.took()).isPositive());
  }

  @Test
  void anOrderIsOneLineInTheLogAndOneThatFailsNone() throws Exception {
    var lines = new ListAppender<ILoggingEvent>();
    var log = (Logger) LoggerFactory.getLogger("io.github.harp");
    lines.start();
    log.addAppender(lines);
    try {
      answer(START, Reply.status(204));
      answer(INSPECT, Reply.no(500, "database is locked"));

      get(runtime().start(DEMO));
      assertFails(runtime().find(DEMO), REFUSED);
      await().until(() -> finished.size() >= 2);
    } finally {
      log.detachAppender(lines);
    }

    assertThat(lines.list)
        .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.INFO))
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement()
        .asString()
        .matches("engine 24000: start nc_app_demo: started in [0-9]+ ms");
  }

  @Test
  void anErrorThatIsNoJsonIsToldAsItCame() {
    answer(INSPECT, Reply.json(502, "Bad\r\nGateway"));

    assertFails(runtime().find(DEMO), REFUSED, "502: Bad Gateway");
  }

  @Test
  void startAndStopTellWhatTheEngineTells() throws Exception {
    answer(START, Reply.status(204));
    assertThat(get(runtime().start(DEMO))).isTrue();
    answer(START, Reply.status(304));
    assertThat(get(runtime().start(DEMO))).isFalse();
    answer(START, Reply.no(404, "No such container: nc_app_demo"));
    assertFails(runtime().start(DEMO), NOT_FOUND, "No such container");
    answer(START, Reply.no(409, "is paused"));
    assertFails(runtime().start(DEMO), REFUSED, "409", "is paused");

    answer(STOP, Reply.status(204));
    assertThat(get(runtime().stop(DEMO))).isTrue();
    answer(STOP, Reply.status(304));
    assertThat(get(runtime().stop(DEMO))).isFalse();
    answer(STOP, Reply.no(404, "No such container: nc_app_demo"));
    assertFails(runtime().stop(DEMO), NOT_FOUND, "No such container");
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 404, 409})
  void aContainerThatIsGoneOrGoingIsRemoved(int status) throws Exception {
    answer(REMOVE, Reply.no(status, "whatever"));

    get(runtime().remove(DEMO, false));

    assertThat(requestOf(REMOVE).target()).isEqualTo("/containers/nc_app_demo?force=true");
    assertThat(engine.calls()).doesNotContain(REMOVE_VOLUME);
  }

  @Test
  void aContainerThatCannotBeRemovedKeepsItsData() {
    answer(REMOVE, Reply.no(500, "device busy"));

    assertFails(runtime().remove(DEMO, true), REFUSED, "500", "device busy");
    assertThat(engine.calls()).doesNotContain(REMOVE_VOLUME);
  }

  @Test
  void dataGoesWithTheContainerWhenToldTo() throws Exception {
    answer(REMOVE, Reply.status(204));
    answer(REMOVE_VOLUME, Reply.status(204));
    get(runtime().remove(DEMO, true));
    answer(REMOVE_VOLUME, Reply.no(409, "volume is in use"));
    assertFails(runtime().remove(DEMO, true), CONFLICT, "volume is in use");
    answer(REMOVE_VOLUME, Reply.no(500, "io error"));
    assertFails(runtime().remove(DEMO, true), REFUSED, "io error");
  }

  @Test
  void anImageIsRemovedWithItsSize() throws Exception {
    answer("GET " + IMAGE + "/json", Reply.json(200, "{\"Size\":12345678901}"));
    answer("DELETE " + IMAGE, Reply.json(200, "[{\"Untagged\":\"a\"},{\"Deleted\":\"b\"}]"));
    assertThat(removed()).isEqualTo(new ImageRemoval(true, 12345678901L, null));

    answer("DELETE " + IMAGE, Reply.json(200, "[{\"Untagged\":\"a\"}]"));
    assertThat(removed()).isEqualTo(new ImageRemoval(true, 0, null));

    answer("GET " + IMAGE + "/json", Reply.no(500, "odd"));
    answer("DELETE " + IMAGE, Reply.json(200, "[{\"Deleted\":\"b\"}]"));
    assertThat(removed()).isEqualTo(new ImageRemoval(true, 0, null));

    answer("DELETE " + IMAGE, Reply.no(409, "in use"));
    assertThat(removed()).isEqualTo(new ImageRemoval(false, 0, "in_use"));

    answer("DELETE " + IMAGE, Reply.no(404, "gone"));
    assertThat(removed()).isEqualTo(new ImageRemoval(true, 0, "not_found"));

    answer("DELETE " + IMAGE, Reply.no(500, "io error"));
    assertFails(runtime().removeImage("ghcr.io/acme/demo:1"), REFUSED, "500", "io error");
  }

  private ImageRemoval removed() throws Exception {
    return get(runtime().removeImage("ghcr.io/acme/demo:1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "a/../../containers/x", "a b", "", "a?force=true", "a\r\nb", "%2e"})
  @DisplayName("W14 an image reference cannot leave its place in the path")
  void w14_imageReferences(String reference) {
    assertFails(runtime().removeImage(reference), BAD_REQUEST, "image_ref");
    assertThat(engine.calls()).isEmpty();
  }

  @Test
  @Tag(UNTIL_A_LIMIT)
  void silenceIsATimeout() {
    answer(INSPECT, Reply.silence());

    assertFails(runtime().find(DEMO), TIMED_OUT, "engine 24000", "GET /containers/nc_app_demo");
  }

  @Test
  void aCutConnectionIsAFailure() {
    answer(STOP, out -> {});

    assertFails(runtime().stop(DEMO), FAILED, "/containers/nc_app_demo/stop");
  }

  @Test
  void garbageIsAFailure() {
    answer("GET /images/x/json", Reply.raw("\0\1\2garbage\r\n\r\n"));

    assertFails(runtime().removeImage("x"), FAILED, "not HTTP");
  }

  @Test
  @Tag(UNTIL_A_LIMIT)
  void moreOrdersThanAnEngineHasPlacesForAreRefused() {
    answer(INSPECT, Reply.silence());

    var orders = IntStream.range(0, 80).mapToObj(each -> runtime().find(DEMO)).toList();

    assertThat(orders.subList(64, 80)).allSatisfy(order -> assertFails(order, BUSY, "64 orders"));
    assertFails(orders.get(0), TIMED_OUT);
  }

  @Test
  @Tag(UNTIL_A_LIMIT)
  void ordersOfOtherExAppsDoNotWait() throws Exception {
    answer(STOP, Reply.silence());
    answer("POST /containers/nc_app_other/stop", Reply.status(204));
    var hanging = runtime().stop(DEMO);

    assertThat(get(runtime().stop(new ExAppName(new AppId("other"))))).isTrue();

    assertThat(hanging.isComplete()).isFalse();
    assertFails(hanging, TIMED_OUT);
  }

  @Test
  void closingRefusesWhatWaitsAndEndsWhatRuns() {
    answer(STOP, Reply.silence());
    var orders = new ArrayList<Future<?>>(List.of(runtime().stop(DEMO), runtime().stop(DEMO)));
    await().until(() -> !engine.calls().isEmpty());
    var runtime = runtime();

    runtimes.close();

    assertFails(orders.get(1), UNAVAILABLE);
    await().until(orders.get(0)::isComplete);
    assertFails(runtime.stop(DEMO), UNAVAILABLE);
  }

  @Test
  void threadsGoWhenThereIsNothingToDo() throws Exception {
    answer(STOP, Reply.status(204));
    get(runtime().stop(DEMO));

    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(
                        thread ->
                            thread.getName().startsWith("harp-order-")
                                || thread.getName().startsWith("docker-java")));
  }
}
