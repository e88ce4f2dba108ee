// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.client.dial.Connector;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.stream.Relay;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.Future;

/**
 * A stream with a user's payload, whichever way it came: is joined to the target of the proxy that
 * the user wants.
 */
final class UserStream extends ChannelInitializer<Channel> {

  /** Where the payload layers go and the payload's handler follows. */
  static final String PAYLOAD = "payload";

  /** Nothing is read from the target before it is joined to the stream. */
  private static final ChannelInitializer<Channel> PAUSED =
      new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel channel) {
          channel.config().setAutoRead(false);
        }
      };

  private final ProxyOffers.Offer offer;
  private final String password;
  private final Connector connector;

  /** Initialises streams that carry nothing but payload. */
  UserStream(ProxyOffers.Offer offer, String password, Connector connector) {
    this.offer = offer;
    this.password = password;
    this.connector = connector;
  }

  @Override
  protected void initChannel(Channel stream) {
    var end = new Relay();
    stream.config().setAutoRead(false);
    stream.pipeline().addLast(PAYLOAD, end);
    join(stream, end, offer, password, connector, () -> {});
  }

  /**
   * @param end the stream's, which is called {@link #PAYLOAD} in its pipeline
   * @param password of frp's own encryption, if the proxy wants that
   * @param wrapped what is to be done when the layers below the payload are there
   */
  static void join(
      Channel stream,
      Relay end,
      ProxyOffers.Offer offer,
      String password,
      Connector connector,
      Runnable wrapped) {
    offer.userArrived();
    stream.closeFuture().addListener(closed -> offer.userLeft());
    var proxy = offer.proxy();
    new PayloadWrapping(proxy.encrypted(), proxy.compressed(), password)
        .addBefore(stream.pipeline(), PAYLOAD);
    wrapped.run();
    proxy
        .target()
        .when(
            tcp -> join(stream, end, offer, connector.tcp(tcp.host(), tcp.port(), PAUSED)),
            unix -> join(stream, end, offer, connector.unix(unix.path(), PAUSED)));
  }

  private static void join(
      Channel stream, Relay end, ProxyOffers.Offer offer, Future<Channel> target) {
    target.addListener(
        (Future<Channel> connected) -> {
          if (connected.isSuccess()) {
            end.join(connected.getNow());
          } else {
            offer.targetFailed(connected.cause());
            stream.close();
          }
        });
  }
}
