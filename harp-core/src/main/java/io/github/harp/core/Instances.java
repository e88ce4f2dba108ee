// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.List;

/** The Nextclouds that are served. Asked on event loops for every request: must not block. */
public interface Instances {

  /** Whose a request is: an order by the key that it shows, any other by the host it asks for. */
  Instance of(RequestHead request);

  List<Instance> all();

  /** One Nextcloud, whoever asks. */
  static Instances only(Instance instance) {
    var all = List.of(instance);
    return new Instances() {
      @Override
      public Instance of(RequestHead request) {
        return instance;
      }

      @Override
      public List<Instance> all() {
        return all;
      }
    };
  }
}
