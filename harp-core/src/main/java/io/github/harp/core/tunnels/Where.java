// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Where the tunnel of a remote port ends now. */
public sealed interface Where {

  /** No tunnel is open. */
  Where NOWHERE = new Nowhere();

  /** Calls the one that fits. */
  <T> T fold(Function<Here, T> here, Function<Elsewhere, T> elsewhere, Supplier<T> nowhere);

  /** Who has opened it, wherever; empty where none is open. */
  default Optional<TunnelHolder> holder() {
    return fold(
        here -> Optional.of(here.by()), elsewhere -> Optional.of(elsewhere.by()), Optional::empty);
  }

  /** At this node. */
  record Here(TunnelHolder by) implements Where {

    @Override
    public <T> T fold(
        Function<Here, T> here, Function<Elsewhere, T> elsewhere, Supplier<T> nowhere) {
      return here.apply(this);
    }
  }

  /** At another node, through which it is reached. */
  record Elsewhere(String node, TunnelHolder by) implements Where {

    @Override
    public <T> T fold(
        Function<Here, T> here, Function<Elsewhere, T> elsewhere, Supplier<T> nowhere) {
      return elsewhere.apply(this);
    }
  }

  /** See {@link #NOWHERE}. */
  record Nowhere() implements Where {

    @Override
    public <T> T fold(
        Function<Here, T> here, Function<Elsewhere, T> elsewhere, Supplier<T> nowhere) {
      return nowhere.get();
    }
  }
}
