// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import io.github.harp.core.ExApp;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.watch.Watch;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Which remote ports have a tunnel, where it ends and whose it is, and whose tunnels there ever
 * were. Read on event loops for every request: must not block. Thread-safe.
 */
public interface Tunnels {

  /** Where the tunnel of this port is now. */
  Where at(int port);

  /**
   * As which deployment an ExApp is reached through a tunnel; empty when directly.
   *
   * <p>An ExApp that ever had a tunnel on its port is reached through a tunnel only: while it is
   * away, any local process may listen on that TCP port and would be given its secrets. So is one
   * that is expected on a port that ever had a tunnel. What is registered by hand on a port that
   * was another's has neither, and is reached directly.
   */
  Optional<Deployment> reachedAs(ExApp exApp);

  /** A token for this port was made: its owner is to be reached through a tunnel. */
  void expect(Deployment deployment, int port);

  /**
   * Tells what happens from now on, one after the other in the order in which it happens.
   *
   * @param listener called on any thread; must not block
   */
  Watch watch(Consumer<? super Event> listener);

  /** Something that happened to a port. */
  sealed interface Event {

    /** Calls the one that fits. */
    void when(Consumer<Opened> opened, Consumer<Closed> closed, Consumer<Remembered> remembered);
  }

  /** There is a tunnel, and none before it any more. */
  record Opened(int port, TunnelHolder by) implements Event {

    @Override
    public void when(
        Consumer<Opened> opened, Consumer<Closed> closed, Consumer<Remembered> remembered) {
      opened.accept(this);
    }
  }

  /** There is no tunnel any more. */
  record Closed(int port) implements Event {

    @Override
    public void when(
        Consumer<Opened> opened, Consumer<Closed> closed, Consumer<Remembered> remembered) {
      closed.accept(this);
    }
  }

  /**
   * Something else is to be remembered of a port than before.
   *
   * @param heard whether that is so since another node said something, which all have heard
   */
  record Remembered(int port, Past past, boolean heard) implements Event {

    @Override
    public void when(
        Consumer<Opened> opened, Consumer<Closed> closed, Consumer<Remembered> remembered) {
      remembered.accept(this);
    }
  }
}
