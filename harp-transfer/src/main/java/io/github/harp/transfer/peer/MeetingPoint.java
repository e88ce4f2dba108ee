// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

import io.github.harp.transfer.TransferException;
import io.github.harp.transfer.TransferException.Remedy;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.config.FrpcConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * The service in a configuration that two peers meet at: one visits it, the other is it.
 *
 * @param service its name; empty for the only one
 */
public record MeetingPoint(FrpcConfig config, String service, Role role) {

  /**
   * Begins to meet the other there.
   *
   * @param listens whether another program dials in
   * @throws TransferException if the configuration has no such service, or several
   */
  public Rendezvous rendezvous(boolean listens) throws TransferException, IOException {
    var visitors = config.options().build().visitors();
    var chosen =
        visitors.stream()
            .filter(each -> each.address().isPresent() && isMeant(each.service()))
            .min(Comparator.comparing(each -> each.way() != ProxyType.XTCP));
    if (chosen.isPresent() && !listens) {
      var introduction = new Introduction(chosen.get().secret(), role);
      return Visiting.dialling(config.options(), visitors, chosen.get(), introduction);
    }
    return offering(listens);
  }

  private Rendezvous offering(boolean listens) throws TransferException, IOException {
    var proxies = config.options().build().proxies();
    Predicate<TunnelProxy> isForVisitors = proxy -> proxy.visitors().isPresent();
    var services =
        proxies.stream().filter(isForVisitors.and(proxy -> isMeant(proxy.name()))).toList();
    var targets = services.stream().map(TunnelProxy::target).distinct().count();
    var expected = "; expected what 'harp tokens' prints for one service";
    if (targets == 0) {
      throw new TransferException(config.file() + " has no service for visitors" + expected);
    }
    if (targets > 1) {
      throw new TransferException(
          config.file() + " has several services for visitors" + expected,
          Remedy.NAMING_THE_SERVICE);
    }
    var first = services.get(0);
    var introduction = new Introduction(first.visitors().orElseThrow().secret(), role);
    if (listens) {
      return Offering.at(address(first), introduction);
    }
    if (!proxies.stream().allMatch(isForVisitors)) {
      throw new TransferException(
          config.file() + " opens ports, too: the frpc that does has to stay the only one",
          Remedy.LISTENING);
    }
    return Offering.dialling(config.options(), services, introduction);
  }

  private boolean isMeant(String name) {
    return service.isEmpty() || name.contains("/" + service + "-");
  }

  private InetSocketAddress address(TunnelProxy proxy) throws TransferException {
    var port = new AtomicInteger();
    proxy.target().when(tcp -> port.set(tcp.port()), unix -> {});
    if (port.get() == 0) {
      throw new TransferException(
          "%s: %s leads to %s; expected a localPort"
              .formatted(config.file(), proxy.name(), proxy.target()));
    }
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port.get());
  }
}
