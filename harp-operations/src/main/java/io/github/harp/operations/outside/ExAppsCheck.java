// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import io.github.harp.core.ExApp;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.observe.RecentRequests;
import io.github.harp.operations.outside.HttpProbe.Trouble;
import io.vertx.core.Future;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whether each ExApp of a Nextcloud that is known answers its heartbeat, asked through our own
 * front door as AppAPI asks.
 *
 * @param frontDoor where this HaRP listens, seen from here: {@code http://127.0.0.1:8780}
 * @param recent what the gateway knows of the requests that it has answered
 */
public record ExAppsCheck(
    HttpProbe probe, String frontDoor, GatewayView.Served nextcloud, RecentRequests recent)
    implements Check {

  private static final int MAX_ASKED = 50;

  /** What the gateway says of such an answer. */
  private static final String HTTP2_ONLY = "speaks HTTP/2 only";

  private static final String UNUSABLE = "users can't use it";

  @Override
  public Stream<Finding> examine() {
    var exApps = nextcloud.instance().records().all();
    if (exApps.isEmpty()) {
      return Stream.of(Finding.note("none has been used since HaRP started", "nothing to examine"));
    }
    int asked = Math.min(exApps.size(), MAX_ASKED);
    var found =
        IntStream.iterate(0, from -> from < asked, from -> from + HttpProbe.MAX_AT_ONCE)
            .mapToObj(from -> exApps.subList(from, Math.min(from + HttpProbe.MAX_AT_ONCE, asked)))
            .flatMap(this::examine);
    return asked == exApps.size()
        ? found
        : Stream.concat(
            found,
            Stream.of(
                Finding.note(
                    (exApps.size() - asked) + " more are known", "they were not examined")));
  }

  /** All at once: those that do not answer take their time together. */
  private Stream<Finding> examine(List<ExApp> exApps) {
    var answers = exApps.stream().map(this::heartbeat).toList();
    return IntStream.range(0, exApps.size())
        .mapToObj(i -> judge(exApps.get(i), Outside.answerOf(answers.get(i))));
  }

  private Future<HttpProbe.Result> heartbeat(ExApp exApp) {
    return probe.ask(
        frontDoor + "/exapps/" + exApp.id() + "/heartbeat",
        AppApiHeaders.signed(nextcloud.facts().key(), exApp));
  }

  Finding judge(ExApp exApp, HttpProbe.Result result) {
    var name = exApp.id() + " " + exApp.version() + " (" + exApp.address() + ")";
    return result.fold(
        answer -> judge(exApp, name, answer), silence -> judge(exApp, name, silence));
  }

  private Finding judge(ExApp exApp, String name, HttpProbe.Answer answer) {
    int status = answer.status();
    if (status == 200) {
      return Finding.ok(name + " answers its heartbeat");
    }
    return isOfGateway(status)
        ? unreachable(exApp, name, "HaRP answers " + status + " for it" + reason(answer))
        : Finding.failure(
            name + " answers its heartbeat with " + status, UNUSABLE, "look at " + logOf(exApp));
  }

  private Finding judge(ExApp exApp, String name, HttpProbe.Silence silence) {
    return silence.trouble() == Trouble.TIMEOUT
        ? unreachable(exApp, name, silence.message())
        : Finding.failure(
            name + ": " + silence.message(),
            "our own front door did not answer",
            "see the findings about ports");
  }

  /** The answer has no more than a status; what the gateway knows of it has its id. */
  private String reason(HttpProbe.Answer answer) {
    return answer
        .header("x-request-id")
        .flatMap(id -> recent.find(id, 1).stream().findFirst())
        .map(RecentRequests.Remembered::problem)
        .filter(problem -> !problem.isEmpty())
        .map(problem -> " (" + problem + ")")
        .orElse("");
  }

  /** What we answer ourselves when there is nothing to pass on. */
  private static boolean isOfGateway(int status) {
    return status == 502 || status == 503 || status == 504;
  }

  private Finding unreachable(ExApp exApp, String name, String answer) {
    if (answer.contains(HTTP2_ONLY)) {
      return Finding.failure(
          name + " " + HTTP2_ONLY + ", as gRPC does",
          UNUSABLE + ": HaRP asks ExApps in HTTP/1.1",
          "have it serve HTTP/1.1 as well");
    }
    var port = exApp.address().port();
    return switch (nextcloud.ways().apply(exApp)) {
      case TUNNEL ->
          Finding.failure(
              name + ": the tunnel is open, the application behind it does not answer: " + answer,
              UNUSABLE,
              "look at "
                  + logOf(exApp)
                  + ": it has to listen where its frpc.toml leads, by convention on"
                  + " /tmp/exapp.sock");
      case TUNNEL_AWAY ->
          Finding.failure(
              name + ": its tunnel is not open: " + answer,
              UNUSABLE + "; HaRP does not connect to its port without a tunnel",
              "is its container running, and does it dial in? See the findings about tunnels, and "
                  + logOf(exApp)
                  + ". Where it is registered by hand now and needs none: stop HaRP, remove the"
                  + " line of port "
                  + port
                  + " from "
                  + nextcloud.facts().tunnelPorts()
                  + " and start it again");
      case TUNNEL_OF_ANOTHER ->
          Finding.failure(
              name + ": the tunnel on port " + port + " is another's: " + answer,
              UNUSABLE + "; nothing of it goes into that tunnel",
              "see the findings about tunnels: stop the container that has dialled in on port "
                  + port
                  + ", then restart that of "
                  + exApp.id());
      case DIRECT ->
          Finding.failure(
              name + " does not answer, and is reached without a tunnel: " + answer,
              UNUSABLE,
              exApp.address().isOnThisHost()
                  ? "if it was deployed by AppAPI: is its container running, and does it dial in?"
                      + " See the findings about tunnels. If it was registered by hand: it has to"
                      + " listen on port "
                      + port
                      + " of the host, or the container, that HaRP runs in"
                  : "is its container running? Without HP_SHARED_KEY it has no tunnel, must share a"
                      + " network with HaRP and listen on port "
                      + port);
    };
  }

  private String logOf(ExApp exApp) {
    return "the container's log: docker logs " + nextcloud.instance().containers() + exApp.id();
  }
}
