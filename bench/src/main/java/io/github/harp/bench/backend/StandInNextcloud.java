// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import io.github.harp.bench.peers.App;
import io.github.harp.bench.peers.Lab;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.NcUser;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.launcher.demo.AppApiDouble;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Nextcloud as HaRP sees it, which knows every {@link App} and one session. */
@Sharable
final class StandInNextcloud extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final int ROUTES = 200;
  private static final int PUBLIC = 0;
  private static final int USER = 1;

  private final AppApiDouble appApi =
      new AppApiDouble(Lab.SHARED_KEY)
          .session(Lab.SESSION_COOKIE, new NcUser("alice", AccessLevel.USER));

  StandInNextcloud(int filePort, int livePort) {
    for (var app : App.values()) {
      int port = app.isLive() ? livePort : filePort;
      appApi.exApp(
          app.id(),
          AppApiDouble.metadata(
              "bench-token", "1.0.0", app.isTunnelled() ? app.tunnelPort() : port, routes(app)));
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    var headers = request.headers();
    var answer =
        appApi
            .answer(
                request.uri(), headers.get(AppApiHeaders.HARP_SHARED_KEY), headers.get("cookie"))
            .orElse(new AppApiDouble.Answer(404, new JsonObject().put("message", "unknown")));
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            Unpooled.wrappedBuffer(answer.body().toBuffer().getBytes()));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    HttpUtil.setContentLength(response, response.content().readableBytes());
    ctx.writeAndFlush(response);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private static List<JsonObject> routes(App app) {
    if (app != App.ROUTED) {
      return List.of(AppApiDouble.route("^/.*", PUBLIC));
    }
    // Mostly literal prefixes, as manifests have them, some patterns without one; only the last one
    // matches.
    var others =
        IntStream.range(0, ROUTES - 1)
            .mapToObj(
                i -> i % 20 == 19 ? ".*\\.type" + i + "$" : "^/api/v1/thing" + i + "/[a-z0-9]+")
            .map(pattern -> AppApiDouble.route(pattern, PUBLIC));
    return Stream.concat(others, Stream.of(AppApiDouble.route("^/small$", USER))).toList();
  }
}
