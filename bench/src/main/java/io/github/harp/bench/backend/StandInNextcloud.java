// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import io.github.harp.bench.peers.App;
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
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Answers the two questions that HaRP asks Nextcloud: what an ExApp is, and who the caller is. */
@Sharable
final class StandInNextcloud extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final int ROUTES = 200;
  private static final int PUBLIC = 0;
  private static final int USER = 1;

  private final int filePort;
  private final int livePort;

  StandInNextcloud(int filePort, int livePort) {
    this.filePort = filePort;
    this.livePort = livePort;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    var body =
        Unpooled.copiedBuffer(
            answer(request).orElse("{\"message\": \"unknown\"}"), StandardCharsets.UTF_8);
    var status = answer(request).isPresent() ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND;
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    HttpUtil.setContentLength(response, body.readableBytes());
    ctx.writeAndFlush(response);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private Optional<String> answer(FullHttpRequest request) {
    var query = new QueryStringDecoder(request.uri());
    if (query.path().endsWith("/harp/user-info")) {
      return Optional.of("{\"user_id\": \"alice\", \"access_level\": " + USER + "}");
    }
    var id = query.parameters().getOrDefault("appId", List.of("")).get(0);
    return Arrays.stream(App.values())
        .filter(app -> app.id().equals(id))
        .map(this::metadata)
        .findFirst();
  }

  private String metadata(App app) {
    int port = app.isLive() ? livePort : filePort;
    return """
        {"exapp_token": "bench-token", "exapp_version": "1.0.0", "host": "127.0.0.1", "port": %d, "routes": [%s]}
        """
        .formatted(app.isTunnelled() ? app.tunnelPort() : port, routes(app));
  }

  private static String routes(App app) {
    if (app != App.ROUTED) {
      return route("^/.*", PUBLIC);
    }
    // Mostly literal prefixes, as manifests have them, some patterns without one; only the last one
    // matches.
    var others =
        IntStream.range(0, ROUTES - 1)
            .mapToObj(
                i -> i % 20 == 19 ? ".*\\\\.type" + i + "$" : "^/api/v1/thing" + i + "/[a-z0-9]+")
            .map(pattern -> route(pattern, PUBLIC));
    return Stream.concat(others, Stream.of(route("^/small$", USER)))
        .collect(Collectors.joining(", "));
  }

  private static String route(String pattern, int level) {
    return "{\"url\": \"%s\", \"access_level\": %d, \"bruteforce_protection\": []}"
        .formatted(pattern, level);
  }
}
