// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ExApp;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.watch.Watch;
import io.github.harp.core.watch.Watchers;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The tunnels of one node, as its tunnel server tells of them, and those of others, as they tell.
 * Bounded by the number of remote ports. Thread-safe.
 */
public final class TunnelRegister implements Tunnels, AutoCloseable {

  /** More than there are for tunnels, so that orders with odd ports do not count. */
  private static final int MAX_EXPECTED = 1_100;

  private final ExAppRecords records;
  private final Ticker ticker;
  private final Watchers<Event> watchers = new Watchers<>();
  private final Watch watch;

  /** Copied when a port is added, so that it is read without a lock. */
  private volatile IntObjectMap<RemotePort> ports = new IntObjectHashMap<>();

  /**
   * @param records whose tunnel one may be that was opened with the key
   * @param past what was known at the end of the last run, which ended the tunnels of then
   */
  public TunnelRegister(ExAppRecords records, Map<Integer, Past> past, Ticker ticker) {
    this.records = records;
    this.ticker = ticker;
    past.forEach((port, known) -> add(port, known).left());
    this.watch = records.watch(event -> event.when(known -> arrived(known.exApp()), removed -> {}));
  }

  /**
   * A tunnel is there.
   *
   * @param session whoever opened it, to be named again when it closes
   */
  public void opened(long session, int number, TunnelHolder by) {
    var port = add(number, Past.NONE);
    port.opened(session, by);
    records.onThisHost(number).forEach(port::arrived);
    watchers.tell();
  }

  /** The tunnel that this session had is gone. */
  public void closed(long session, int number) {
    find(number).ifPresent(port -> port.closed(session));
    watchers.tell();
  }

  /** Where the tunnel of this port is that other nodes have; their own affair, of no event. */
  public void elsewhere(int number, Where where) {
    if (find(number).isPresent() || mayAdd() && where != Where.NOWHERE) {
      add(number, Past.NONE).elsewhere(where);
    }
  }

  /** What another node remembers of a port. */
  public void remember(int number, Past past) {
    if (find(number).isPresent() || mayAdd()) {
      add(number, Past.NONE).remember(past);
      watchers.tell();
    }
  }

  private boolean mayAdd() {
    return ports.size() < MAX_EXPECTED;
  }

  private void arrived(ExApp exApp) {
    find(exApp.address().port()).ifPresent(port -> port.arrived(exApp));
    watchers.tell();
  }

  @Override
  public void expect(Deployment deployment, int number) {
    if (find(number).isPresent() || mayAdd()) {
      add(number, Past.NONE).expect(deployment);
      watchers.tell();
    }
  }

  @Override
  public Where at(int number) {
    var port = ports.get(number);
    return port == null ? Where.NOWHERE : port.where();
  }

  @Override
  public Optional<Deployment> reachedAs(ExApp exApp) {
    var port = ports.get(exApp.address().port());
    return port == null ? Optional.empty() : port.reachedAs(exApp);
  }

  @Override
  public Watch watch(Consumer<? super Event> listener) {
    return watchers.add(listener);
  }

  /** Whether there is, or ever was, a tunnel on this port. */
  public boolean everOpened(int number) {
    return find(number).filter(port -> port.past().opened()).isPresent();
  }

  /** Whether there is a tunnel on this port, here or elsewhere, or was one within this time. */
  public boolean isOpenOrWas(int number, Duration within) {
    return find(number).filter(port -> port.isOpenOrWas(within)).isPresent();
  }

  /** What is to outlive a restart. */
  public Map<Integer, Past> past() {
    var past = new TreeMap<Integer, Past>();
    ports.forEach((number, port) -> past.put(number, port.past()));
    return past;
  }

  /** Hears of records no more. */
  @Override
  public void close() {
    watch.close();
  }

  private Optional<RemotePort> find(int number) {
    return Optional.ofNullable(ports.get(number));
  }

  private synchronized RemotePort add(int number, Past past) {
    var there = ports.get(number);
    if (there != null) {
      return there;
    }
    var added = new RemotePort(number, past, watchers, ticker);
    var copy = new IntObjectHashMap<RemotePort>(ports.size() + 1);
    copy.putAll(ports);
    copy.put(number, added);
    ports = copy;
    return added;
  }
}
