// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import io.github.harp.core.RequestHead;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the true address of a caller. Only what trusted proxies added themselves is believed:
 * {@code X-Forwarded-For} is walked from its end, through trusted proxies, to the first address
 * that is not one. Thread-safe.
 */
public final class ClientAddresses {
  private final TrustedProxies trusted;

  private ClientAddresses(TrustedProxies trusted) {
    this.trusted = trusted;
  }

  /**
   * Behind these proxies, which maintain {@code X-Forwarded-For} or, without it, {@code X-Real-IP}.
   */
  public static ClientAddresses behind(TrustedProxies trusted) {
    return new ClientAddresses(trusted);
  }

  /** Whether a trusted proxy, and not the client itself, hands it to us. */
  public boolean isFromProxy(RequestHead request) {
    return isProxy(request.peer());
  }

  /** Whether a trusted proxy is there. */
  public boolean isProxy(InetAddress peer) {
    return trusted.contains(IpAddresses.plain(peer));
  }

  /** Who sent this request; never fails. */
  public InetAddress of(RequestHead request) {
    var peer = IpAddresses.plain(request.peer());
    if (!trusted.contains(peer)) {
      return peer;
    }
    var hops = request.headers("x-forwarded-for");
    var client = hops.isEmpty() ? null : lastUntrusted(hops);
    if (client == null) {
      client = realIp(request);
    }
    return client == null ? peer : client;
  }

  /**
   * The first hop from the end that is not a trusted proxy; the outermost proxy when all are. Stops
   * at what is not an address: nobody vouches for what stands before it.
   */
  private @Nullable InetAddress lastUntrusted(List<String> lines) {
    InetAddress outermost = null;
    for (var line = lines.size() - 1; line >= 0; line--) {
      var text = lines.get(line);
      var end = text.length();
      while (end >= 0) {
        var comma = text.lastIndexOf(',', end - 1);
        var item = text.substring(comma + 1, end).strip();
        end = comma;
        if (item.isEmpty()) {
          continue;
        }
        var hop = IpAddresses.parseWithPort(item);
        if (hop == null) {
          return outermost;
        }
        if (!trusted.contains(hop)) {
          return hop;
        }
        outermost = hop;
      }
    }
    return outermost;
  }

  private static @Nullable InetAddress realIp(RequestHead request) {
    var value = request.header("x-real-ip");
    return value == null ? null : IpAddresses.parseWithPort(value);
  }
}
