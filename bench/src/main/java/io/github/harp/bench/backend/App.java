// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

/** The ExApps that the stand-in Nextcloud knows, each a way to reach the backend. */
public enum App {
  /** Files and small answers, everything public. */
  PLAIN("bench", false, false),
  /** The same behind 200 routes, the last of which needs a user. */
  ROUTED("bench-routed", false, false),
  /** Event streams, WebSocket echo and the sink for uploads. */
  LIVE("bench-live", true, false),
  /** {@link #PLAIN} at the far end of a tunnel. */
  TUNNELLED("bench-far", false, true),
  /** {@link #LIVE} at the far end of a tunnel. */
  TUNNELLED_LIVE("bench-far-live", true, true),
  /** {@link #LIVE} at another address, for more connections than one has ports for. */
  LIVE_ELSEWHERE("bench-live-elsewhere", true, false),
  /** The first of {@link #CROWD_SIZE} that have a tunnel each; the others are called alike. */
  CROWD("exapp-0", false, true),
  /** Whatever listens there during an attack. */
  HOSTILE("bench-hostile", false, false),
  /** {@link #HOSTILE} at the far end of a tunnel. */
  TUNNELLED_HOSTILE("bench-far-hostile", false, true);

  /** As many as there are ports for ExApps. */
  public static final int CROWD_SIZE = 1_000;

  private static final int FIRST_PORT = 23_000;

  private final String id;
  private final boolean live;
  private final boolean tunnelled;

  App(String id, boolean live, boolean tunnelled) {
    this.id = id;
    this.live = live;
    this.tunnelled = tunnelled;
  }

  /** The ExApp's id, which is a segment of the path and the name of its tunnel. */
  public String id() {
    return id;
  }

  /** Served by {@code LiveServer} instead of the file server. */
  public boolean isLive() {
    return live;
  }

  /** Reached through a tunnel. */
  public boolean isTunnelled() {
    return tunnelled;
  }

  /** The remote port of its tunnel, in the range that HaRP gives to ExApps. */
  public int tunnelPort() {
    return this == CROWD ? FIRST_PORT : FIRST_PORT + 900 + ordinal();
  }

  /** Where it listens on loopback. */
  public String host() {
    return this == LIVE_ELSEWHERE ? "127.0.0.2" : "127.0.0.1";
  }

  /** The id of another one of a crowd. */
  public static String inCrowd(int number) {
    return "exapp-" + number;
  }

  /** The part of a request's path before the resource. */
  public String pathPrefix() {
    return "/exapps/" + id;
  }
}
