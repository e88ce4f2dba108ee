// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import io.github.harp.core.RequestHead;
import java.util.List;

/** The Nextclouds that are served. Asked on event loops for every request: must not block. */
public interface Instances {

  /**
   * Whose a request is: that Nextcloud's whose key it shows, without a key that one's whose host it
   * asks for.
   */
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
