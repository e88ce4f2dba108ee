// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleClient;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleVisitor;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The owner of an xtcp proxy and a visitor, who say what a test likes about where they are. */
record XtcpPeers(FrpPeer owner, FrpPeer visitor, String proxy) implements AutoCloseable {

  static final String SECRET = "sk";
  private static final long THEN = 5;
  private static final Pattern SID = Pattern.compile("\"sid\":\"([^\"]+)\"");

  static XtcpPeers of(String proxy, InetSocketAddress server, EventLoopGroup loops, String key)
      throws Exception {
    var owner = FrpPeer.connect(server, loops).loggedIn(key);
    assertThat(owner.propose(xtcp(proxy)).error()).isEmpty();
    return new XtcpPeers(owner, FrpPeer.connect(server, loops).loggedIn(key), proxy);
  }

  static NewProxy xtcp(String name) {
    return new NewProxy(
        name, "xtcp", false, false, "", "", "", "", Map.of(), Map.of(), 0, SECRET, List.of());
  }

  /** What a visitor with these addresses asks. */
  NatHoleVisitor visit(List<String> mapped, List<String> own) {
    return new NatHoleVisitor(
        "visit", proxy, false, "quic", PrivilegeKey.of(SECRET, THEN), THEN, mapped, own);
  }

  NatHoleResp ask(NatHoleVisitor visit) throws Exception {
    visitor.control().send(visit);
    return visitor.control().expectNext(NatHoleResp.class);
  }

  /** The visitor asks; gives what the owner hears of it. */
  String begin(NatHoleVisitor visit) throws Exception {
    var work = owner.openWork();
    visitor.control().send(visit);
    assertThat(work.expect(StartWorkConn.class).proxyName()).isEqualTo(proxy);
    // In as many pieces as the stream had frames.
    var said = new StringBuilder(work.expectBytes());
    var sid = SID.matcher(said);
    while (!sid.find()) {
      sid.reset(said.append(work.expectBytes()));
    }
    work.expectEnd();
    return sid.group(1);
  }

  NatHoleClient answer(String sid, List<String> mapped, List<String> own) {
    return new NatHoleClient("answer", proxy, sid, mapped, own);
  }

  @Override
  public void close() {
    owner.close();
    visitor.close();
  }
}
