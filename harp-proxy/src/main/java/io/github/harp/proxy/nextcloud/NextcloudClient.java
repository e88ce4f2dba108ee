// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.key.SharedKey;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.TrustOptions;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a real Nextcloud through AppAPI's HTTP end-points.
 *
 * <p>Connections are pooled. Cookies are not kept, proxies of the environment are not used, and no
 * redirect is followed but one that asks for nothing else than TLS on the same host: whoever is
 * redirected to gets the shared key. Thread-safe; futures complete on an event loop.
 */
public final class NextcloudClient implements Nextcloud {

  private static final Logger LOG = LoggerFactory.getLogger(NextcloudClient.class);
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_LINE_BYTES = 16 * 1024;
  // Shorter than the five seconds after which Apache closes.
  private static final int IDLE_SECONDS = 4;
  private static final long CANCEL = 8;

  private final HttpClient http;
  private final SharedKey sharedKey;
  private final NextcloudLimits limits;
  private volatile NextcloudAddress address;

  /**
   * A client that trusts the certificate authorities of the Java runtime.
   *
   * @param vertx stays open when this is closed
   */
  public NextcloudClient(
      Vertx vertx, NextcloudAddress address, SharedKey sharedKey, NextcloudLimits limits) {
    this(vertx, address, sharedKey, limits, null);
  }

  /** A client with its own choice of certificate authorities. */
  public NextcloudClient(
      Vertx vertx,
      NextcloudAddress address,
      SharedKey sharedKey,
      NextcloudLimits limits,
      @Nullable TrustOptions trust) {
    this.address = address;
    this.sharedKey = sharedKey;
    this.limits = limits;
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setTrustOptions(trust)
                .setConnectTimeout((int) limits.connect().toMillis())
                .setKeepAliveTimeout(IDLE_SECONDS)
                .setMaxHeaderSize(MAX_HEAD_BYTES)
                .setMaxInitialLineLength(MAX_LINE_BYTES),
            new PoolOptions()
                .setHttp1MaxSize(limits.connections())
                .setMaxWaitQueueSize(limits.waiting()));
  }

  @Override
  public Future<Optional<ExApp>> exApp(String appId) {
    var headers = MultiMap.caseInsensitiveMultiMap().set("user-agent", "HaRP");
    return call("exapp-meta", appId, headers).map(answer -> readExApp(appId, answer));
  }

  @Override
  public Future<Optional<NcUser>> user(String appId, RequestHead request) {
    return call("user-info", appId.toLowerCase(Locale.ROOT), CallerHeaders.of(request))
        .map(NextcloudClient::readUser);
  }

  /** Closes the connections; calls under way fail. */
  public Future<Void> close() {
    return http.close();
  }

  private static Optional<ExApp> readExApp(String id, NextcloudAnswer answer) {
    if (answer.status() == 401 || answer.status() == 404) {
      LOG.info(
          "{}: found status {}: Nextcloud does not know ExApp '{}', or not our shared key",
          answer.call(),
          answer.status(),
          id);
      return Optional.empty();
    }
    if (!answer.isSuccess()) {
      throw answer.unexpectedStatus();
    }
    var json = answer.json();
    try {
      return Optional.of(ExAppMetadata.read(id, json));
    } catch (HarpException violation) {
      throw answer.malformed(violation);
    }
  }

  private static Optional<NcUser> readUser(NextcloudAnswer answer) {
    var status = answer.status();
    if (status >= 400 && status < 500 && status != 408 && status != 429) {
      return Optional.empty();
    }
    if (!answer.isSuccess()) {
      throw answer.unexpectedStatus();
    }
    var json = answer.json();
    try {
      return Optional.of(new NcUser(json.string("user_id", ""), ExAppMetadata.level(json)));
    } catch (HarpException violation) {
      throw answer.malformed(violation);
    }
  }

  private Future<NextcloudAnswer> call(String name, String appId, MultiMap headers) {
    headers.set("harp-shared-key", sharedKey.reveal()).set("accept", "application/json");
    var deadline = new Deadline(limits.total());
    var target = address;
    return ask(target, name, appId, headers, deadline)
        .compose(
            answer -> {
              var secured =
                  answer.isRedirect()
                      ? target.secured(target.endpoint(name, appId), answer.location())
                      : Optional.<NextcloudAddress>empty();
              if (secured.isEmpty()) {
                return Future.succeededFuture(answer);
              }
              secure(target, secured.get());
              return ask(secured.get(), name, appId, headers, deadline);
            });
  }

  private synchronized void secure(NextcloudAddress target, NextcloudAddress secured) {
    if (address.equals(target)) {
      address = secured;
      LOG.warn(
          "Nextcloud at {} wants TLS: using {} from now on; put that into NC_INSTANCE_URL, the"
              + " shared key travelled in clear once",
          target,
          secured);
    }
  }

  private Future<NextcloudAnswer> ask(
      NextcloudAddress target, String name, String appId, MultiMap headers, Deadline deadline) {
    var call = "Nextcloud at " + target + ", " + name;
    var options =
        target
            .direct(new RequestOptions())
            .setURI(target.endpoint(name, appId))
            .setHeaders(headers)
            .setFollowRedirects(false)
            .setConnectTimeout(limits.connect().toMillis());
    return exchange(call, options, deadline)
        .recover(
            failure ->
                failure instanceof HttpClosedException
                    ? exchange(call, options, deadline)
                    : Future.failedFuture(failure))
        .recover(failure -> Future.failedFuture(CallFailure.explain(call, failure, limits)));
  }

  private Future<NextcloudAnswer> exchange(String call, RequestOptions options, Deadline deadline) {
    return http.request(options)
        .compose(
            request ->
                request
                    .send()
                    .compose(response -> read(call, request, response))
                    .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
                    .onFailure(failure -> request.reset(CANCEL)));
  }

  private Future<NextcloudAnswer> read(
      String call, HttpClientRequest request, HttpClientResponse response) {
    return whole(call, response)
        .map(
            body ->
                new NextcloudAnswer(
                    call,
                    response.statusCode(),
                    headerOf(response, "content-type"),
                    headerOf(response, "location"),
                    body));
  }

  private Future<Buffer> whole(String call, HttpClientResponse response) {
    Promise<Buffer> whole = Promise.promise();
    var bytes = Buffer.buffer();
    response.exceptionHandler(whole::tryFail);
    response.endHandler(end -> whole.tryComplete(bytes));
    response.handler(
        chunk -> {
          if (bytes.length() + chunk.length() > limits.answerBytes()) {
            whole.tryFail(
                new HarpException(
                    HarpException.Code.FAILED,
                    call + ": expected at most " + limits.answerBytes() + " bytes, found more"));
          } else {
            bytes.appendBuffer(chunk);
          }
        });
    return whole.future();
  }

  private static String headerOf(HttpClientResponse response, String name) {
    var value = response.getHeader(name);
    return value == null ? "" : value;
  }
}
