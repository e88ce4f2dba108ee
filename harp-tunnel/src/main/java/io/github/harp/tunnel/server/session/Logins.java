// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.frp.Message.LoginResp;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelAuthenticator.LoginRequest;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.accept.Connection;
import io.github.harp.tunnel.server.accept.Printable;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.PromiseCombiner;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A login from its message to a running session: credentials, replaced sessions, the answer,
 * encryption.
 */
final class Logins {

  /** The frp release whose behaviour we have; clients only print it. */
  private static final String VERSION = "0.70.1";

  /** How long a client may take to read why it was refused. */
  static final Duration FAREWELL = Duration.ofMillis(500);

  private final Clients server;

  Logins(Clients server) {
    this.server = server;
  }

  void begin(ChannelHandlerContext ctx, Login login, Connection connection) {
    Attempt attempt = new Attempt(ctx.channel(), login, connection);
    ctx.pipeline().replace(ctx.handler(), null, attempt);
    attempt.decide();
  }

  /** One login. A client that speaks before it is answered is no frp client. */
  private final class Attempt extends ChannelInboundHandlerAdapter {

    private final Channel control;
    private final Login login;
    private final Connection connection;

    private Attempt(Channel control, Login login, Connection connection) {
      this.control = control;
      this.login = login;
      this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ReferenceCountUtil.release(msg);
      connection.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ErrorAlarm.look(ctx.channel(), cause);
      connection.close();
    }

    private void decide() {
      if (!control.pipeline().get(MessageCodec.class).canEncrypt()) {
        refuse("missing v2 crypto negotiation", false);
      } else if (!PrivilegeKey.matches(
          login.privilegeKey(), server.options.frpToken(), login.timestamp())) {
        refuse("token in login doesn't match token from configuration", true);
      } else {
        askAuthenticator();
      }
    }

    private void askAuthenticator() {
      LoginRequest request =
          new LoginRequest(
              connection.address(),
              login.user(),
              login.version(),
              login.metas(),
              connection.carrier().isEncrypted());
      server.ask(
          request,
          control.eventLoop(),
          () -> server.authenticator.authenticate(request),
          decision ->
              decision.when(
                  accept -> accept(accept.identity()),
                  refuse -> refuse(refuse.reason(), refuse.counts())),
          () -> refuse("the login could not be checked, try again later", false));
    }

    private void refuse(String reason, boolean counts) {
      InetAddress address = connection.address().getAddress();
      connection.loginFailed();
      connection.refused(counts ? RefusalCode.CREDENTIAL : RefusalCode.LOGIN, "login: " + reason);
      if (!counts) {
        answer(reason);
        return;
      }
      server.options.bans().recordFailure(address, reason);
      String text = server.options.bans().isBanned(address) ? "banned" : reason;
      ScheduledFuture<?> told =
          control
              .eventLoop()
              .schedule(() -> answer(text), connection.penalty().toMillis(), TimeUnit.MILLISECONDS);
      control.closeFuture().addListener(gone -> told.cancel(false));
    }

    private void answer(String error) {
      control.writeAndFlush(new LoginResp(VERSION, "", error));
      control.eventLoop().schedule(connection::close, FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void accept(TunnelIdentity identity) {
      if (!control.isActive()) {
        return;
      }
      if (server.sessions.isFullFor(identity.realm())) {
        refuse("this server has as many clients as it can take", false);
        return;
      }
      ClientSession session =
          new ClientSession(
              new ClientSession.Client(
                  server.sessions.nextId(),
                  server.sessions.runIdFor(login.runId(), identity),
                  identity,
                  login.user(),
                  Printable.of(login.version()),
                  control.pipeline().get(MessageCodec.class).wire(),
                  server.clock.instant()),
              connection,
              control,
              login.poolCount(),
              server);
      awaitEndOf(server.sessions.enter(session), () -> welcome(session));
    }

    /**
     * The names and ports of a replaced session must be free before its successor asks for them.
     */
    private void awaitEndOf(List<ClientSession> replaced, Runnable then) {
      PromiseCombiner ends = new PromiseCombiner(control.eventLoop());
      for (ClientSession old : replaced) {
        ends.add((Future<?>) old.close("replaced by a new login of " + old.identity()));
      }
      ends.finish(control.eventLoop().<Void>newPromise().addListener(done -> then.run()));
    }

    private void welcome(ClientSession session) {
      if (!control.isActive()) {
        session.close("the client left during its login");
        return;
      }
      MessageCodec codec = control.pipeline().get(MessageCodec.class);
      control.writeAndFlush(new LoginResp(VERSION, session.runId(), ""));
      control.pipeline().replace(this, null, new ControlMessages(session, server));
      connection.known(server.limits.perClient().streams());
      codec.encrypt(server.options.frpToken());
      session.start();
    }
  }
}
