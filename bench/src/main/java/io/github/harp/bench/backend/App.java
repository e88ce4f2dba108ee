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
  TUNNELLED_LIVE("bench-far-live", true, true);

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
    return 23_900 + ordinal();
  }

  /** The part of a request's path before the resource. */
  public String pathPrefix() {
    return "/exapps/" + id;
  }
}
