// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.RequestHead;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.watch.Watch;
import io.github.harp.core.watch.Watchers;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Several Nextclouds, each with a key and hosts of its own. The host is what {@code Host} says, or
 * what stands for it in the request line or in HTTP/2; {@code X-Forwarded-Host} is not looked at,
 * since browsers let a page set it.
 *
 * <p>Thread-safe. A request whose {@code Host} is written as the name was given makes nothing new
 * in memory.
 */
public final class SeveralInstances implements Instances {

  private static final AsciiString HOST = AsciiString.cached("host");

  private final Instance nobody;
  private final Watchers<Change> watchers = new Watchers<>();
  private volatile Table table;

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
   * Who is asked for by what, at one time.
   *
   * @param otherwise whose requests for any other host are
   */
  private record Table(List<Instance> all, Map<String, Instance> byHost, Instance otherwise) {

    @Nullable Instance whoseKeyIs(String key) {
      for (var instance : all) {
        if (instance.key().matches(key)) {
          return instance;
        }
      }
      return null;
    }

    @Nullable Instance whoseHostIs(String header) {
      var asWritten = byHost.get(header);
      if (asWritten != null) {
        return asWritten;
      }
      var name = HostName.askedFor(header);
      return name == null ? null : byHost.get(name);
    }
  }

  /**
   * @param forNobody who may not ask for hosts that are none's, where there is no default
   */
  public SeveralInstances(List<Hosted> hosted, Bans forNobody, Ticker time) {
    this.nobody = Instance.nobody(forNobody, time);
    this.table = table(hosted);
  }

  /** Serves these from now on, and nobody else. */
  public void serve(List<Hosted> hosted) {
    synchronized (this) {
      var before = table.all;
      table = table(hosted);
      noteThoseOf(table.all, before, true);
      noteThoseOf(before, table.all, false);
    }
    watchers.tell();
  }

  private Table table(List<Hosted> hosted) {
    var byHost = new HashMap<String, Instance>();
    for (var one : hosted) {
      one.hosts().forEach(host -> byHost.put(host.text(), one.instance()));
    }
    var otherwise = hosted.stream().filter(Hosted::isDefault).map(Hosted::instance);
    return new Table(
        hosted.stream().map(Hosted::instance).toList(),
        byHost,
        otherwise.findFirst().orElse(nobody));
  }

  private void noteThoseOf(List<Instance> some, List<Instance> butNot, boolean served) {
    some.stream()
        .filter(one -> !butNot.contains(one))
        .forEach(one -> watchers.note(new Change(one, served)));
  }

  @Override
  public Instance of(RequestHead request) {
    var now = table;
    var key = request.header(AppApiHeaders.HARP_SHARED_KEY);
    var owner = key == null ? null : now.whoseKeyIs(key);
    if (owner != null) {
      return owner;
    }
    var host = request.header(HOST);
    var asked = host == null ? null : now.whoseHostIs(host);
    return asked == null ? now.otherwise : asked;
  }

  @Override
  public List<Instance> all() {
    return table.all;
  }

  @Override
  public Watch watch(Consumer<? super Change> listener) {
    return watchers.add(listener);
  }
}
