// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.server.work.WorkConnection;
import io.github.harp.tunnel.stream.Bridge;
import io.github.harp.tunnel.stream.Relay;
import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One user on the way to the service behind a client. Whoever waits for the result may cancel it at
 * any time.
 *
 * <table>
 * <caption>States</caption>
 * <tr><th>state<th>on the loop of<th>what it waits for<th>leads to
 * <tr><td>{@code SETTLING}<td>the client<td>the client knows that its proxy runs<td>{@code TAKING},
 *     {@code ENDED}
 * <tr><td>{@code TAKING}<td>the client<td>a work connection<td>{@code STARTING}, {@code ENDED}
 * <tr><td>{@code STARTING}<td>the work connection<td>it is bound to the proxy<td>{@code CROSSING},
 *     {@code ENDED}; {@code TAKING} again if it has died meanwhile
 * <tr><td>{@code CROSSING}<td>the work connection<td>the user's loop has its end<td>{@code ENDED}
 * <tr><td>{@code ENDED}<td>any<td>the user has a channel, or an error, or is gone<td>
 * </table>
 */
final class Dialling {

  private enum State {
    SETTLING,
    TAKING,
    STARTING,
    CROSSING,
    ENDED;

    private boolean leadsTo(State next) {
      return switch (this) {
        case SETTLING -> next == TAKING || next == ENDED;
        case TAKING -> next == STARTING || next == ENDED;
        case STARTING -> next != SETTLING;
        case CROSSING -> next == ENDED;
        case ENDED -> false;
      };
    }
  }

  /** On whose behalf the client is asked to serve; it is told so. */
  record User(@Nullable InetSocketAddress source, @Nullable InetSocketAddress destination) {

    private StartWorkConn start(OpenProxy proxy) {
      return new StartWorkConn(
          proxy.name(), host(source), host(destination), port(source), port(destination), "");
    }

    private static String host(@Nullable InetSocketAddress address) {
      return address == null ? "" : address.getAddress().getHostAddress();
    }

    private static int port(@Nullable InetSocketAddress address) {
      return address == null ? 0 : address.getPort();
    }
  }

  /** Nobody that the client is told of. */
  static final User NOBODY = new User(null, null);

  private static final int MOST_TRIES = 3;

  private final OpenProxy proxy;
  private final ClientSession client;
  private final EventLoop loop;
  private final User user;
  private final Promise<Channel> dialled;
  private State state = State.SETTLING;
  private int tries;

  /**
   * @param loop where the user wants its channel
   */
  Dialling(OpenProxy proxy, EventLoop loop, User user) {
    this.proxy = proxy;
    this.client = proxy.owner();
    this.loop = loop;
    this.user = user;
    this.dialled = loop.newPromise();
  }

  /** Gives a channel to the client's service, with autoRead off. From any thread. */
  Future<Channel> start() {
    client.onLoop(
        () ->
            proxy
                .head()
                .announcement()
                .settled()
                .addListener(
                    settled -> {
                      if (settled.isSuccess()) {
                        take();
                      } else {
                        fail(settled.cause());
                      }
                    }));
    return dialled;
  }

  /**
   * The same for a user's channel with a relay, which is closed when there is no service, and
   * waited for no longer than it is open.
   */
  Future<Channel> start(Relay relay, Channel channel) {
    channel.closeFuture().addListener(gone -> dialled.cancel(false));
    return start()
        .addListener(
            (Future<Channel> done) -> {
              if (done.isSuccess()) {
                relay.join(done.getNow());
              } else {
                channel.close();
              }
            });
  }

  private void take() {
    enter(State.TAKING);
    if (!proxy.isAnnounced() || tries++ == MOST_TRIES) {
      fail(proxy.gone());
    } else if (client.hasMostStreams()) {
      fail(
          new TunnelException(
              Code.LIMIT_REACHED,
              client + " has " + client.streamsInUse() + " streams in use already"));
    } else {
      var work = client.pool().take(loop);
      work.addListener(this::taken);
      dialled.addListener(over -> client.onLoop(() -> work.cancel(false)));
    }
  }

  private void taken(Future<? super WorkConnection> taken) {
    if (!taken.isSuccess()) {
      if (taken.cause() instanceof TunnelException known && known.code() == Code.TIMEOUT) {
        client.probe();
      }
      fail(taken.cause());
      return;
    }
    var work = (WorkConnection) taken.getNow();
    if (dialled.isDone()) {
      enter(State.ENDED);
      client.pool().putBack(work);
    } else if (!proxy.isAnnounced()) {
      client.pool().putBack(work);
      fail(proxy.gone());
    } else {
      enter(State.STARTING);
      ClientSession.onLoop(work.channel().eventLoop(), () -> start(work));
    }
  }

  private void start(WorkConnection work) {
    Channel stream = work.channel();
    if (!stream.isActive()) {
      client.onLoop(this::take);
      return;
    }
    client.carries(stream);
    work.start(user.start(proxy), proxy.head().wrapping(), client.payload());
    if (stream.eventLoop() == loop) {
      hand(stream);
    } else {
      enter(State.CROSSING);
      Bridge.across(stream, loop, client.heldBytes()).addListener(this::crossed);
    }
  }

  private void crossed(Future<? super Channel> crossed) {
    if (crossed.isSuccess()) {
      hand((Channel) crossed.getNow());
    } else {
      fail(crossed.cause());
    }
  }

  private void enter(State next) {
    if (!state.leadsTo(next)) {
      throw new IllegalStateException(this + ", which does not lead to " + next);
    }
    state = next;
  }

  private void hand(Channel stream) {
    enter(State.ENDED);
    if (!dialled.trySuccess(stream)) {
      Reset.of(stream);
    }
  }

  private void fail(Throwable cause) {
    enter(State.ENDED);
    dialled.tryFailure(cause);
  }

  @Override
  public String toString() {
    return "dialling " + proxy + ": " + state;
  }
}
