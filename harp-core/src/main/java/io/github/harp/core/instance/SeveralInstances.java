// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.RequestHead;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.ban.Bans;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several Nextclouds, each with a key and hosts of its own. The host is what {@code Host} says, or
 * what stands for it in the request line or in HTTP/2; {@code X-Forwarded-Host} is not looked at,
 * since browsers let a page set it.
 *
 * <p>Immutable, thread-safe. A request whose {@code Host} is written as the name was given makes
 * nothing new in memory.
 */
public final class SeveralInstances implements Instances {

  private static final AsciiString HOST = AsciiString.cached("host");

  private final List<Instance> all;
  private final Map<String, Instance> byHost = new HashMap<>();
  private final Instance otherwise;

  /**
   * One of them.
   *
   * @param isDefault whether it gets what is for no other's host; at most one does
   */
  public record Hosted(Instance instance, Set<HostName> hosts, boolean isDefault) {

    public Hosted {
      hosts = Set.copyOf(hosts);
    }
  }

  /**
   * @param forNobody who may not ask for hosts that are none's, where there is no default
   */
  public SeveralInstances(List<Hosted> hosted, Bans forNobody, Ticker time) {
    this.all = hosted.stream().map(Hosted::instance).toList();
    for (var one : hosted) {
      one.hosts().forEach(host -> byHost.put(host.text(), one.instance()));
    }
    this.otherwise =
        hosted.stream()
            .filter(Hosted::isDefault)
            .findFirst()
            .map(Hosted::instance)
            .orElseGet(() -> Instance.nobody(forNobody, time));
  }

  @Override
  public Instance of(RequestHead request) {
    var key = request.header(AppApiHeaders.HARP_SHARED_KEY);
    var owner = key == null ? null : whoseKeyIs(key);
    if (owner != null) {
      return owner;
    }
    var host = request.header(HOST);
    var asked = host == null ? null : whoseHostIs(host);
    return asked == null ? otherwise : asked;
  }

  private @Nullable Instance whoseKeyIs(String key) {
    for (var instance : all) {
      if (instance.key().matches(key)) {
        return instance;
      }
    }
    return null;
  }

  private @Nullable Instance whoseHostIs(String header) {
    var asWritten = byHost.get(header);
    if (asWritten != null) {
      return asWritten;
    }
    var name = HostName.askedFor(header);
    return name == null ? null : byHost.get(name);
  }

  @Override
  public List<Instance> all() {
    return all;
  }
}
