// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.SideDoor;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Handling;
import io.github.harp.proxy.exchange.OwnAnswer;
import io.github.harp.proxy.forward.Forwarder;
import io.github.harp.proxy.loop.Limit;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;

/** A request at the side door: when it is whole, its connection goes to whoever is behind that. */
final class Handover implements Handling {

  private final Exchange exchange;
  private final SideDoor door;
  private final InetAddress client;

  /**
   * @param client whom the proxy believes it to be
   */
  Handover(Exchange exchange, SideDoor door, InetAddress client) {
    this.exchange = exchange;
    this.door = door;
    this.client = client;
  }

  /** Called when all is handled that has come with the request's head. */
  void carryOut() {
    if (exchange.isOver()) {
      return;
    }
    var agreed = agreed(exchange.request());
    if (agreed.isEmpty() || !exchange.isRequestEnded()) {
      if (exchange.answers().protocol().startsWith("HTTP/1")) {
        // What follows may be of another protocol; a stream of HTTP/2 is one of several.
        exchange.answers().lastRequest();
      }
      exchange.fail(
          OwnAnswer.text(400),
          new Failure(Kind.MALFORMED_REQUEST, "no request to switch protocols, as expected here"));
      exchange.flush();
      return;
    }
    var switching =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    agreed.get().forEach(switching.headers()::set);
    var next = door.takeOver(new InetSocketAddress(client, 0));
    if (exchange.stream().handOver(switching, next)) {
      exchange.upgraded(switching);
      exchange.finish();
    } else {
      Forwarder.refuseUpgrade(exchange);
      exchange.flush();
    }
  }

  /** RFC 6455 (4.1): GET, and a version of HTTP that is at least 1.1. */
  private Optional<Map<String, String>> agreed(HttpRequest request) {
    var headers = request.headers();
    return request.method().equals(HttpMethod.GET)
            && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)
        ? door.answer(
            name -> headers.contains(name) ? String.join(", ", headers.getAll(name)) : null)
        : Optional.empty();
  }

  @Override
  public void content(HttpContent content) {
    ReferenceCountUtil.release(content);
  }

  @Override
  public void clientGone() {}

  @Override
  public Limit limit() {
    return Limit.CLIENT;
  }

  @Override
  public void expired(Limit limit) {
    exchange.fail(408, new Failure(Kind.CLIENT_TIMEOUT, "no more of the request in " + limit));
  }
}
