// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.core.decision.Verdict;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is to be said of one finished request. For a WebSocket, or another upgrade, it is
 * made when that ends.
 *
 * @param id what the request is called, in its answer and at the ExApp, too
 * @param protocol {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2}
 * @param path as sent, without query
 * @param host whom it was sent to, with the port where it has one; null when it does not say
 * @param verdict what was decided; null when the request was refused before that (malformed, too
 *     large, timed out)
 * @param peer the other end of the connection
 * @param status the answer's status; 0 when there was none
 * @param upgraded whether its connection was upgraded
 * @param upstream who answered, in the log's form; null when we did
 * @param failure what went wrong; null when nothing did
 * @param deciding time until the decision
 * @param firstByte time until the answer's head; null without an answer
 * @param total time until its end
 * @param bytesIn bytes of the request's body, or from the client after an upgrade
 * @param bytesOut bytes of the answer's body, or to the client after an upgrade
 */
public record RequestRecord(
    String id,
    String protocol,
    String method,
    String path,
    @Nullable String host,
    @Nullable Verdict verdict,
    InetAddress peer,
    int status,
    boolean upgraded,
    @Nullable String upstream,
    @Nullable Failure failure,
    Duration deciding,
    @Nullable Duration firstByte,
    Duration total,
    long bytesIn,
    long bytesOut) {

  /** What went wrong with a request, by kind, for metrics; its text is for the log. */
  public record Failure(Kind kind, String message) {

    /** Kinds of failure. */
    public enum Kind {
      MALFORMED_REQUEST,
      DECISION_TIMEOUT,
      DECISION_FAILED,
      ORDER_FAILED,
      CLIENT_TIMEOUT,
      CLIENT_GONE,
      NO_UPSTREAM,
      CONNECT_FAILED,
      CONNECT_TIMEOUT,
      RESPONSE_TIMEOUT,
      MALFORMED_RESPONSE,
      UPSTREAM_GONE,
      UPGRADE_TIMEOUT("TUNNEL_TIMEOUT"),
      OVERLOAD,
      TOO_MANY_OF_CLIENT,
      TOO_MANY_TO_EXAPP,
      SHUTDOWN;

      private final String label;

      Kind() {
        this.label = name();
      }

      Kind(String label) {
        this.label = label;
      }

      /** What log and metrics call it: the administrator knows the limit by its variable's name. */
      @Override
      public String toString() {
        return label;
      }
    }
  }
}
