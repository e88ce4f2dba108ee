// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.watch.Watch;
import io.github.harp.proxy.exchange.LostExApp;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Tells which ExApps are served no more: their record is removed, or their Nextcloud has gone. */
final class ServedExApps implements AutoCloseable {

  private final Instances instances;
  private final Consumer<LostExApp> lost;
  private final Map<Instance, Watch> watches = new ConcurrentHashMap<>();
  private volatile Watch instancesWatch = () -> {};

  ServedExApps(Instances instances, Consumer<LostExApp> lost) {
    this.instances = instances;
    this.lost = lost;
  }

  void watch() {
    instancesWatch = instances.watch(change -> watch(change.instance(), change.served()));
    instances.all().forEach(each -> watch(each, true));
  }

  private void watch(Instance instance, boolean served) {
    if (served) {
      watches.computeIfAbsent(instance, this::watchRecords);
      return;
    }
    var watch = watches.remove(instance);
    if (watch != null) {
      watch.close();
    }
    lost.accept(new LostExApp(instance, Optional.empty()));
  }

  private Watch watchRecords(Instance instance) {
    return instance
        .records()
        .watch(
            event ->
                event.when(
                    known -> {},
                    removed -> lost.accept(new LostExApp(instance, Optional.of(removed.appId())))));
  }

  @Override
  public void close() {
    instancesWatch.close();
    watches.values().forEach(Watch::close);
  }
}
