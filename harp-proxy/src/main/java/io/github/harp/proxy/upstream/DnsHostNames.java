// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static io.github.harp.proxy.transport.NettyFutures.asVertx;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.HarpException;
import io.github.harp.proxy.transport.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsServerAddresses;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hosts file and the name servers of the system, by one rule for everything that is connected
 * to: an answer is kept for five seconds, whatever lifetime the name server gives it, and only
 * until a connection fails. Docker's name server says 600 s, and a container that is made anew has
 * another address at once, while its old one may be given to somebody else.
 *
 * <p>Both files are looked at whenever a name is asked for. Names without a dot at their end are
 * tried in the search domains as the C library does, with Docker's {@code ndots:0} as well.
 */
public final class DnsHostNames implements HostNames, AutoCloseable {

  private static final Path HOSTS_FILE = Path.of("/etc/hosts");
  private static final Path RESOLVER_FILE = Path.of("/etc/resolv.conf");

  private static final Duration KEPT = Duration.ofSeconds(5);

  /** Of a failure, so that requests for a name that is not there don't flood the name server. */
  private static final Duration FAILURE_KEPT = Duration.ofSeconds(1);

  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(3);
  private static final int MAX_NAMES = 10_000;
  private static final int MAX_ADDRESSES = 8;

  private final DnsNameResolver resolver;
  private final FreshFile<HostsFile> hosts;
  private final FreshFile<ResolverFile> settings;
  private final Ticker ticker;
  private final Cache<String, Known> known;

  private record Known(Future<List<InetAddress>> answer, long since) {

    boolean isUsable(long now) {
      return now - since < (answer.failed() ? FAILURE_KEPT : KEPT).toNanos();
    }
  }

  /**
   * By the files of the system.
   *
   * @param loops one of them does the asking
   */
  public DnsHostNames(EventLoopGroup loops) {
    this(loops, HOSTS_FILE, RESOLVER_FILE, Ticker.systemTicker());
  }

  /** By other files and another clock. */
  public DnsHostNames(EventLoopGroup loops, Path hostsFile, Path resolverFile, Ticker ticker) {
    EventLoop loop = loops.next();
    this.hosts = new FreshFile<>(hostsFile, HostsFile::parse);
    this.settings = new FreshFile<>(resolverFile, ResolverFile::parse);
    this.ticker = ticker;
    this.known =
        Caffeine.newBuilder().maximumSize(MAX_NAMES).expireAfterWrite(KEPT).ticker(ticker).build();
    this.resolver =
        new DnsNameResolverBuilder(loop)
            .datagramChannelType(Transport.of(loop).udpChannel())
            .socketChannelType(Transport.of(loop).tcpChannel())
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .nameServerProvider(
                name -> DnsServerAddresses.sequential(settings.content().nameServers()).stream())
            .hostsFileEntriesResolver((name, types) -> null)
            .searchDomains(List.of())
            .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
            .completeOncePreferredResolved(false)
            .resolveCache(NoopDnsCache.INSTANCE)
            .cnameCache(NoopDnsCnameCache.INSTANCE)
            .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
            .queryTimeoutMillis(QUERY_TIMEOUT.toMillis())
            .build();
  }

  @Override
  public Future<List<InetAddress>> resolve(String name) {
    var literal = NetUtil.createInetAddressFromIpAddressString(name);
    if (literal != null) {
      return Future.succeededFuture(List.of(literal));
    }
    var key = key(name);
    long now = ticker.read();
    var last = known.getIfPresent(key);
    if (last != null && last.isUsable(now)) {
      return last.answer();
    }
    return known
        .asMap()
        .compute(
            key,
            (same, other) ->
                other != null && other.isUsable(now) ? other : new Known(ask(same), now))
        .answer();
  }

  @Override
  public void forget(String name) {
    known.invalidate(key(name));
  }

  @Override
  public void close() {
    resolver.close();
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private Future<List<InetAddress>> ask(String name) {
    var listed = hosts.content().addressesOf(name);
    return listed.isEmpty()
        ? ask(name, settings.content().candidates(name), 0, null)
        : Future.succeededFuture(listed.stream().limit(MAX_ADDRESSES).toList());
  }

  private Future<List<InetAddress>> ask(
      String name, List<String> candidates, int index, @Nullable Throwable failure) {
    if (index == candidates.size() || name.isEmpty()) {
      return Future.failedFuture(unknown(name, failure));
    }
    return asVertx(resolver.resolveAll(candidates.get(index)))
        .map(addresses -> ipv4First(addresses).limit(MAX_ADDRESSES).toList())
        .recover(cause -> ask(name, candidates, index + 1, failure == null ? cause : failure));
  }

  /** Answers come as they arrive; nearly all containers have IPv4. */
  private static Stream<InetAddress> ipv4First(List<InetAddress> addresses) {
    return addresses.stream().sorted(Comparator.comparing(it -> !(it instanceof Inet4Address)));
  }

  private static HarpException unknown(String name, @Nullable Throwable failure) {
    return new HarpException(
        HarpException.Code.UNREACHABLE,
        "the host name '"
            + name
            + "' does not resolve"
            + (failure == null ? "" : ": " + HarpException.rootOf(failure).getMessage()),
        failure);
  }
}
