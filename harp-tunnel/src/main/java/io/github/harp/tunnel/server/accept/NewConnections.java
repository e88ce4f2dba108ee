// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.LoginBans;
import io.github.harp.tunnel.TunnelLimits;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections that nobody has logged in on yet. Beyond a limit a newcomer takes the place of
 * one that has come less far: connections that are only held open lock nobody out. Thread-safe.
 */
public final class NewConnections {

  /** How far a connection has come: the first of these makes room first. */
  enum Stage {
    /** Its login was refused; it only waits for the answer. */
    FAILED,
    /** Not one byte has come. */
    SILENT,
    /** Some bytes have come, but no login. */
    SPEAKING,
    /** Its login is being decided: it stays. */
    DECIDING
  }

  private final TunnelLimits limits;
  private final LoginBans bans;
  private final Map<AddressGroup, Set<Place>> perAddress = new HashMap<>();
  private int total;

  public NewConnections(TunnelLimits limits, LoginBans bans) {
    this.limits = limits;
    this.bans = bans;
  }

  /** One counted connection. */
  final class Place {

    private final AddressGroup group;
    private final Runnable makeRoom;
    private Stage stage = Stage.SILENT;

    private Place(AddressGroup group, Runnable makeRoom) {
      this.group = group;
      this.makeRoom = makeRoom;
    }

    void reached(Stage now) {
      synchronized (NewConnections.this) {
        stage = now;
      }
    }

    /** Ends the count; may be called twice. */
    void leave() {
      synchronized (NewConnections.this) {
        remove(this);
      }
    }
  }

  /**
   * Counts one.
   *
   * @param makeRoom closes it, on any thread, when another takes its place
   * @return null if there are too many, all of whose logins are being decided
   */
  @Nullable Place admit(InetAddress address, Runnable makeRoom) {
    int mostOfAddress =
        bans.isBanned(address)
            ? limits.newConnectionsPerBannedAddress()
            : limits.newConnectionsPerAddress();
    Place place = new Place(AddressGroup.of(address), makeRoom);
    Place victim;
    synchronized (this) {
      Collection<Place> rivals = rivalsOf(place.group, mostOfAddress);
      victim = rivals == null ? null : leastOf(rivals);
      if (rivals != null && victim == null) {
        return null;
      }
      if (victim != null) {
        remove(victim);
      }
      perAddress.computeIfAbsent(place.group, key -> new LinkedHashSet<>()).add(place);
      total++;
    }
    if (victim != null) {
      victim.makeRoom.run();
    }
    return place;
  }

  /** One of whom has to go; null if there is room. */
  private @Nullable Collection<Place> rivalsOf(AddressGroup group, int mostOfAddress) {
    Set<Place> own = perAddress.getOrDefault(group, Set.of());
    if (own.size() >= mostOfAddress) {
      return own;
    }
    return total < limits.newConnections()
        ? null
        : perAddress.values().stream().max(Comparator.comparingInt(Collection::size)).orElse(own);
  }

  /** The oldest of those that have come least far. */
  private static @Nullable Place leastOf(Collection<Place> places) {
    return places.stream()
        .filter(place -> place.stage != Stage.DECIDING)
        .min(Comparator.comparing(place -> place.stage))
        .orElse(null);
  }

  private void remove(Place place) {
    Set<Place> own = perAddress.get(place.group);
    if (own != null && own.remove(place)) {
      total--;
      if (own.isEmpty()) {
        perAddress.remove(place.group);
      }
    }
  }

  public synchronized int count() {
    return total;
  }
}
