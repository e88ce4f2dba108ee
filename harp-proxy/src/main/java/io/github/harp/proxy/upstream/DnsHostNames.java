// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.harp.core.HarpException;
import io.github.harp.proxy.transport.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.DefaultHostsFileEntriesResolver;
import io.netty.resolver.HostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Locale;

/**
 * The hosts file and the name servers of the system. The hosts file is read again and names are
 * asked for again after at most 10 s, so that a container that was made anew is found at its new
 * address.
 */
public final class DnsHostNames implements HostNames, AutoCloseable {

  private static final int MAX_TTL_SECONDS = 5;
  private static final int MAX_NEGATIVE_TTL_SECONDS = 1;
  private static final Duration REMEMBERED = Duration.ofSeconds(4);
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(3);
  private static final int MAX_NAMES = 10_000;

  private final DnsNameResolver resolver;
  private final FreshHostsFile hostsFile = new FreshHostsFile(REMEMBERED);
  private final Cache<String, Future<InetAddress>> known =
      Caffeine.newBuilder().maximumSize(MAX_NAMES).expireAfterWrite(REMEMBERED).build();

  /**
   * @param loops one of them does the asking
   */
  public DnsHostNames(EventLoopGroup loops) {
    EventLoop loop = loops.next();
    this.resolver =
        new DnsNameResolverBuilder(loop)
            .datagramChannelType(Transport.of(loop).udpChannel())
            .socketChannelType(Transport.of(loop).tcpChannel())
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .hostsFileEntriesResolver(hostsFile)
            .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
            .ttl(0, MAX_TTL_SECONDS)
            .negativeTtl(MAX_NEGATIVE_TTL_SECONDS)
            .queryTimeoutMillis(QUERY_TIMEOUT.toMillis())
            .build();
  }

  @Override
  public Future<InetAddress> resolve(String name) {
    var key = name.toLowerCase(Locale.ROOT);
    var answer = known.get(key, this::ask);
    if (answer.failed()) {
      known.asMap().remove(key, answer);
    }
    return answer;
  }

  private Future<InetAddress> ask(String name) {
    Promise<InetAddress> promise = Promise.promise();
    resolver
        .resolve(name)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                promise.complete((InetAddress) done.getNow());
              } else {
                promise.fail(
                    new HarpException(
                        HarpException.Code.NOT_FOUND,
                        "host name '" + name + "' does not resolve",
                        done.cause()));
              }
            });
    return promise.future();
  }

  @Override
  public void forget(String name) {
    var key = name.toLowerCase(Locale.ROOT);
    known.invalidate(key);
    resolver.resolveCache().clear(key);
    resolver.resolveCache().clear(key + ".");
  }

  @Override
  public void close() {
    resolver.close();
  }

  /** The system's hosts file, at most some seconds old. */
  private static final class FreshHostsFile implements HostsFileEntriesResolver {

    private record Reading(HostsFileEntriesResolver entries, long atNanos) {}

    private final Duration maxAge;
    private volatile Reading last = read();

    FreshHostsFile(Duration maxAge) {
      this.maxAge = maxAge;
    }

    private static Reading read() {
      return new Reading(new DefaultHostsFileEntriesResolver(), System.nanoTime());
    }

    @Override
    public InetAddress address(String name, ResolvedAddressTypes types) {
      var reading = last;
      if (System.nanoTime() - reading.atNanos() > maxAge.toNanos()) {
        reading = read();
        last = reading;
      }
      return reading.entries().address(name, types);
    }
  }
}
