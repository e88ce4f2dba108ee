// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.harp.CrowdedPeer;
import io.github.harp.bench.peers.harp.HarpPeer;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Toolbox;
import io.github.harp.bench.target.Peer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The place where systems are set up, with those that run. Closing it stops them all. */
public final class Lab extends Place {
  /** HaRP on io_uring, whatever the others use. */
  public static final String ON_IO_URING = "harp-io_uring";

  /** What follows a HaRP's name when a tunnel belongs to it. */
  public static final String WITH_TUNNEL = "-frp";

  /** What follows it when it has room for many connections. */
  public static final String ROOMY = "-roomy";

  /** The original HaRP, where the environment names its folder. */
  public static final String ORIGINAL = "original";

  /** What follows it when a thousand do. */
  public static final String WITH_CROWD = "-1000";

  private final Map<String, Supplier<Peer>> known = new HashMap<>();
  private final Map<String, HarpVariant> variants = new HashMap<>();
  private final Map<String, Peer> running = new HashMap<>();
  private final List<Runnable> atRetirement = new ArrayList<>();

  /**
   * Sets up the folder and starts nothing.
   *
   * @param keepsFolder leave configurations and logs behind
   */
  public Lab(Toolbox tools, boolean keepsFolder) {
    super(tools, keepsFolder);
    known.put("direct", () -> new DirectPeer(backend()));
    known.put(
        "haproxy",
        () ->
            new HaproxyPeer(
                this,
                List.of(App.PLAIN, App.LIVE, App.LIVE_ELSEWHERE),
                app -> backend().port(app)));
    known.put("nginx", () -> new NginxPeer(this));
    known.put("haproxy-frp", () -> new HaproxyFrpPeer(this));
    known.put("frps", () -> new FrpsPeer(this));
    OriginalPeer.folder()
        .ifPresent(original -> known.put(ORIGINAL, () -> new OriginalPeer(this, original)));
    known.put("tunnel-server", () -> new TunnelServerPeer(this));
  }

  /** Makes a way to start HaRP known as {@code name}, and with tunnels as {@code name-frp}. */
  public void add(String name, HarpVariant variant) {
    known.put(name, () -> HarpPeer.start(this, variant));
    known.put(name + WITH_TUNNEL, () -> HarpPeer.startWithTunnels(this, variant));
    known.put(name + WITH_CROWD, () -> CrowdedPeer.start(this, variant));
    variants.put(name, variant);
  }

  /** HaRP with a thousand tunnels, which the caller closes. */
  public CrowdedPeer crowded(String name) {
    var variant = variants.get(name);
    if (variant == null) {
      throw new BenchException("HaRP '" + name + "' is unknown; there are " + variants.keySet());
    }
    return CrowdedPeer.start(this, variant);
  }

  /** Whether a system can be started here. */
  public boolean knows(String name) {
    return known.containsKey(name);
  }

  /**
   * A system that keeps running until the end or until {@link #retire()}; started when it is first
   * asked for.
   */
  public Peer peer(String name) {
    return running.computeIfAbsent(name, this::fresh);
  }

  /** A system of its own, which the caller closes. */
  public Peer fresh(String name) {
    var start = known.get(name);
    if (start == null) {
      throw new BenchException("system '" + name + "' is unknown; there are " + known.keySet());
    }
    return start.get();
  }

  /**
   * Stops every system that was started by {@link #peer}, so that the next scenario finds a quiet
   * machine.
   */
  public void retire() {
    running.values().forEach(Peer::close);
    running.clear();
    atRetirement.forEach(Runnable::run);
    atRetirement.clear();
  }

  /** Does something once with the next {@link #retire()}. */
  public void whenRetired(Runnable end) {
    atRetirement.add(end);
  }

  @Override
  public void close() {
    retire();
    super.close();
  }
}
