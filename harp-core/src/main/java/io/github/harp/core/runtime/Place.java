// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.EngineNumber;
import java.util.function.Function;
import java.util.function.Supplier;

/** Where ExApps run. Its text is for messages: {@code engine 24000}, {@code cluster}. */
public sealed interface Place {

  /** The cluster, of which there is one at most. */
  Place CLUSTER = new Cluster();

  /** On a container engine. */
  static Place engine(EngineNumber number) {
    return new Engine(number);
  }

  /** What is to be had of it, one function for each kind of place. */
  <T> T fold(Function<EngineNumber, T> engine, Supplier<T> cluster);

  /** A Docker or Podman engine. */
  record Engine(EngineNumber number) implements Place {
    @Override
    public <T> T fold(Function<EngineNumber, T> engine, Supplier<T> cluster) {
      return engine.apply(number);
    }

    @Override
    public String toString() {
      return "engine " + number;
    }
  }

  /** A Kubernetes cluster. */
  record Cluster() implements Place {
    @Override
    public <T> T fold(Function<EngineNumber, T> engine, Supplier<T> cluster) {
      return cluster.get();
    }

    @Override
    public String toString() {
      return "cluster";
    }
  }
}
