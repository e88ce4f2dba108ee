// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.proxy.question.QuestionLimits;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClosedException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Puts what can go wrong with a call to Nextcloud into an administrator's words. */
final class CallFailure {

  private CallFailure() {}

  static HarpException explain(String call, Throwable failure, QuestionLimits limits) {
    if (failure instanceof HarpException explained) {
      return with(explained.code(), call, explained.getMessage(), failure);
    } else if (failure instanceof ConnectionPoolTooBusyException) {
      return with(Code.BUSY, call, limits.waiting() + " calls are waiting already", failure);
    } else if (failure instanceof ConnectTimeoutException) {
      return with(
          Code.TIMED_OUT, call, "no connection within " + seconds(limits.connect()), failure);
    } else if (failure instanceof TimeoutException) {
      return with(
          Code.TIMED_OUT, call, "no complete answer within " + seconds(limits.total()), failure);
    } else if (failure instanceof SSLException) {
      return with(
          Code.UNREACHABLE,
          call,
          "TLS failed: " + HarpException.reasonOf(HarpException.rootOf(failure)),
          failure);
    } else if (failure instanceof ConnectException || failure instanceof NoRouteToHostException) {
      return with(
          Code.UNREACHABLE, call, "cannot connect: " + HarpException.reasonOf(failure), failure);
    } else if (failure instanceof HttpClosedException) {
      return with(Code.FAILED, call, "closed the connection before a complete answer", failure);
    }
    return with(
        Code.FAILED, call, "not a valid HTTP answer: " + HarpException.reasonOf(failure), failure);
  }

  private static HarpException with(Code code, String call, String what, Throwable cause) {
    return new HarpException(code, call + ": " + what, cause);
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }
}
