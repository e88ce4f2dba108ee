// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import io.github.harp.core.AppId;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.dialin.NodesAround;
import io.github.harp.proxy.transport.NettyFutures;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.link.LinkOptions;
import io.github.harp.tunnel.link.LinkStatus;
import io.github.harp.tunnel.link.LinkedNode;
import io.github.harp.tunnel.link.Links;
import io.github.harp.tunnel.server.TunnelServerOptions.Loops;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The tunnels of other nodes, as this one reaches them, and they its own. Thread-safe. */
public final class Neighbourhood {

  /**
   * A port, and of which deployment, with its fingerprint; only the port of an engine. Before it a
   * realm, but for the first one. No more is taken for an id than {@link AppId} does.
   */
  private static final Pattern DESTINATION =
      Pattern.compile(
          "(?:([a-z0-9]{1,32})/)?([0-9]{1,5})"
              + "(?: ([A-Za-z0-9][A-Za-z0-9._-]{0,127})(?: ([A-Za-z0-9_-]{16}))?)?");

  /** A port that no tunnel has. */
  private static final int NOWHERE = 0;

  private final NodesAround nodes;
  private final TunnelServer server;
  private final EventLoopGroup loops;
  private final Links links;

  public Neighbourhood(
      NodesAround nodes,
      TunnelServer server,
      EventLoopGroup loops,
      Consumer<Throwable> onFatalError) {
    this.nodes = nodes;
    this.server = server;
    this.loops = loops;
    var transport = Transport.of(loops);
    this.links =
        new Links(
            new LinkOptions(
                nodes.address().toSocketAddress(),
                nodes.certificates(),
                new Loops(loops, loops, transport.serverChannel()),
                transport.tcpChannel(),
                new LinkOptions.Times(),
                LinkOptions.HELD_BYTES,
                onFatalError),
            this::receive);
  }

  public Future<InetSocketAddress> start() {
    return NettyFutures.asVertx(links.start());
  }

  public void close() {
    links.close();
  }

  public List<LinkStatus> status() {
    return links.status();
  }

  /**
   * What is behind the tunnel on a port of another node.
   *
   * @param whose the Nextcloud whose tunnel it is
   * @param exApp see {@link TunnelUpstream}
   */
  Upstream upstream(String whose, String node, int port, Optional<Deployment> exApp) {
    return new Elsewhere(this, whose, node, port, exApp);
  }

  /** By asking for what is nowhere: who says so is there. */
  public Future<Void> tryLink(String node) {
    return dial(new Elsewhere(this, "", node, NOWHERE, Optional.empty()), loops.next())
        .transform(
            answer ->
                answer.succeeded()
                        || answer.cause().getCause() instanceof TunnelException known
                            && known.code() == Code.NO_SUCH_PORT
                    ? Future.succeededFuture()
                    : Future.failedFuture(answer.cause()));
  }

  private io.netty.util.concurrent.Future<Channel> receive(String destination, EventLoop loop) {
    var parts = DESTINATION.matcher(destination);
    if (!parts.matches()) {
      return loop.newFailedFuture(
          new TunnelException(Code.PROTOCOL_VIOLATION, "a node asks for something unknown"));
    }
    var exApp =
        Optional.ofNullable(parts.group(3))
            .map(id -> new Deployment(new AppId(id), Optional.ofNullable(parts.group(4))));
    var realm = Objects.requireNonNullElse(parts.group(1), "");
    return new TunnelUpstream(realm, server, Integer.parseInt(parts.group(2)), exApp).dial(loop);
  }

  private Future<Channel> dial(Elsewhere there, EventLoop loop) {
    var address = nodes.nodes().apply(there.node());
    if (address.isEmpty()) {
      return Future.failedFuture(
          TunnelUpstream.failure(
              there, new TunnelException(Code.CLOSED, "this node is not there")));
    }
    var node =
        new LinkedNode(
            there.node(),
            address.get().toString(),
            () -> addresses(address.get()).toCompletionStage());
    return NettyFutures.asVertx(links.dial(node, there.destination(), loop))
        .recover(
            cause -> {
              nodes.names().forget(address.get().host());
              return Future.failedFuture(TunnelUpstream.failure(there, cause));
            });
  }

  private Future<List<InetSocketAddress>> addresses(ListenAddress place) {
    return nodes
        .names()
        .resolve(place.host())
        .map(
            found ->
                found.stream().map(each -> new InetSocketAddress(each, place.port())).toList());
  }

  private record Elsewhere(
      Neighbourhood through, String realm, String node, int port, Optional<Deployment> exApp)
      implements Upstream {

    private String destination() {
      return (realm.isEmpty() ? "" : realm + "/")
          + port
          + exApp
              .map(it -> " " + it.appId() + it.fingerprint().map(print -> " " + print).orElse(""))
              .orElse("");
    }

    @Override
    public Future<Channel> connect(EventLoop loop) {
      return through.dial(this, loop);
    }

    @Override
    public String toString() {
      return "tunnel:" + (realm.isEmpty() ? "" : realm + ":") + port + " at node " + node;
    }
  }
}
