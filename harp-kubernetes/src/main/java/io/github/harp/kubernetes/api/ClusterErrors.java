// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.api;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.notice.Excerpt;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** What a call's failure means. The API server's own reason and words are in the message. */
public final class ClusterErrors {

  private static final int MAX_SHOWN = 600;
  private static final Pattern TIMED_OUT = Pattern.compile("(?i)time(d |-)?out");

  private ClusterErrors() {}

  /** Whether the API server said nothing, or was not there. */
  public static boolean isWithoutAnswer(KubernetesClientException failure) {
    return failure.getCode() <= 0;
  }

  /** What it means for an order; {@code what} says which that was, and where. */
  public static HarpException translate(String what, RuntimeException failure) {
    if (failure instanceof HarpException known) {
      return known;
    }
    return failure instanceof KubernetesClientException refused && !isWithoutAnswer(refused)
        ? new HarpException(Code.REFUSED, what + ": " + words(refused), failure)
        : withoutAnswer(what, failure);
  }

  /** The API server's reason and words, such as {@code 403 Forbidden: pods is forbidden: …}. */
  public static String words(KubernetesClientException failure) {
    var status = Optional.ofNullable(failure.getStatus());
    var reason = status.map(Status::getReason).map(text -> " " + text).orElse("");
    var message = status.map(Status::getMessage).orElseGet(() -> HarpException.reasonOf(failure));
    var code = failure.getCode();
    return code + reason + ": " + Excerpt.ofLines(message, MAX_SHOWN) + hint(code);
  }

  private static String hint(int status) {
    return switch (status) {
      case 401 -> " (the token is not accepted: it is old, revoked, or another cluster's)";
      case 403 -> " (harp doctor prints the Role that is enough)";
      default -> "";
    };
  }

  private static HarpException withoutAnswer(String what, RuntimeException failure) {
    var cause = HarpException.rootOf(failure);
    if (cause instanceof HarpException known) {
      return known;
    }
    var reason =
        cause instanceof ClosedChannelException
            ? "the connection was closed"
            : Excerpt.ofLines(HarpException.reasonOf(cause), MAX_SHOWN);
    return cause instanceof TimeoutException || TIMED_OUT.matcher(reason).find()
        ? new HarpException(
            Code.TIMED_OUT, what + ": the API server did not answer in time", failure)
        : new HarpException(
            Code.UNREACHABLE, what + ": the API server can't be reached: " + reason, failure);
  }
}
