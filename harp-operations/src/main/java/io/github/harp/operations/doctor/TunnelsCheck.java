// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import io.github.harp.operations.observe.RefusedLogins;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelStatus;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Who has dialled in, and who was turned away. */
record TunnelsCheck(Supplier<TunnelStatus> status, RefusedLogins refusedLogins, boolean tls)
    implements Check {

  @Override
  public Stream<Finding> examine() {
    var findings = new ArrayList<Finding>();
    for (var session : status.get().sessions()) {
      findings.add(Finding.ok(describe(session)));
    }
    for (var refusal : refusedLogins.list()) {
      findings.add(
          Finding.warning(
              "%s was turned away %d times, last at %s: %s"
                  .formatted(
                      IpAddresses.text(refusal.address()),
                      refusal.times(),
                      refusal.last(),
                      refusal.reason()),
              "the ExApp or engine there is not reachable through a tunnel",
              remedy(refusal.code())));
    }
    if (findings.isEmpty()) {
      findings.add(
          Finding.note(
              "nobody has dialled in",
              "normal without ExApps, and with ExApps that are reached directly"));
    }
    unusedQuic().ifPresent(findings::add);
    return findings.stream();
  }

  /** Nobody here can see whether UDP gets through: who says so is the client that does not. */
  private Optional<Finding> unusedQuic() {
    var now = status.get();
    return now.sessions().stream().anyMatch(TunnelStatus.Session::isOverQuic)
        ? Optional.empty()
        : now.quic()
            .map(
                at ->
                    Finding.note(
                        "nobody has dialled in over QUIC, at UDP port " + at.getPort(),
                        "normal where no frpc has transport.protocol = \"quic\"; where one has, UDP"
                            + " has to get here: open it in firewalls, publish it of a container"
                            + " (-p %d:%d/udp)".formatted(at.getPort(), at.getPort())));
  }

  private static String describe(TunnelStatus.Session session) {
    var text =
        new StringBuilder(session.identity().toString())
            .append(" from ")
            .append(IpAddresses.text(session.address().getAddress()))
            .append(", frp ")
            .append(session.clientVersion())
            .append(session.isOverQuic() ? ", QUIC" : session.tls() ? ", TLS" : ", no TLS")
            .append(", since ")
            .append(session.since());
    for (var proxy : session.proxies()) {
      text.append(", ")
          .append(proxy.name())
          .append(proxy.remotePort() > 0 ? " on port " + proxy.remotePort() : " for visitors");
    }
    return text.toString();
  }

  private String remedy(RefusalCode code) {
    return switch (code) {
      case PROXY_PROTOCOL ->
          "name the balancer in HP_TRUSTED_PROXY_IPS, or switch the PROXY protocol off for the"
              + " tunnel port (HP_FRP_ADDRESS) in it; HAProxy: no send-proxy, nginx: proxy_protocol"
              + " off, Traefik: no proxyProtocol";
      case WEBSOCKET ->
          "switched off by HP_FRP_WEBSOCKET=off: switch it on, or set transport.protocol = \"tcp\""
              + " in the client's frpc.toml and let it reach the tunnel port itself";
      case WEBSOCKET_WITHOUT_TLS ->
          "with HP_FRP_WEBSOCKET=key its key or token is enough, whose way is encrypted up to the"
              + " reverse proxy; or set transport.protocol = \"websocket\" in its frpc.toml, which"
              + " shows its certificate inside of the WebSocket";
      case HTTP ->
          "what speaks HTTP belongs to HP_EXAPPS_ADDRESS; a health check of the tunnel port is a"
              + " TCP connect";
      case SSH, NOT_FRP -> "nothing but frp clients belongs to the tunnel port (HP_FRP_ADDRESS)";
      case NO_TLS, TLS_NOT_SERVED, CLIENT_CERTIFICATE, SERVER_CERTIFICATE, TLS_FAILED ->
          tls
              ? "here TLS with a client certificate is required: give that client /certs/frp"
                  + " (ExApps: redeploy or update the app; engines: harp certs export) and set"
                  + " transport.tls.* in its frpc.toml"
              : "here TLS is off (HP_FRP_DISABLE_TLS=true): remove /certs/frp from the client, or"
                  + " switch TLS on here";
      case CREDENTIAL ->
          "metadatas.token of its frpc.toml (HP_SHARED_KEY of the container) must be this HaRP's"
              + " key or the ExApp's token; after the key was changed redeploy the ExApps";
      case PORT_OF_ANOTHER ->
          "a container that is left over from an ExApp that was removed or registered again has to"
              + " be removed: docker rm -f nc_app_<id>; redeploy or update the ExApp where it is"
              + " not left over";
      case TOO_MANY -> "find out what holds connections to the tunnel port without logging in";
      case LOGIN, PROXY, VISITOR -> "correct the client's frpc.toml accordingly";
    };
  }
}
