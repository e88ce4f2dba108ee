// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import io.github.harp.core.RequestHead;
import io.github.harp.core.watch.Watch;
import java.util.List;
import java.util.function.Consumer;

/** The Nextclouds that are served. Asked on event loops for every request: must not block. */
public interface Instances {

  /**
   * Whose a request is: that Nextcloud's whose key it shows, without a key that one's whose host it
   * asks for.
   */
  Instance of(RequestHead request);

  /** Those that are served now. */
  List<Instance> all();

  /** Has told of what changes from now on: whom requests are for no more is told of after that. */
  Watch watch(Consumer<? super Change> listener);

  /**
   * One of them has come, or is gone.
   *
   * @param served whether it is served from now on
   */
  record Change(Instance instance, boolean served) {}

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

      /** It is the one. */
      @Override
      public Watch watch(Consumer<? super Change> listener) {
        return () -> {};
      }
    };
  }
}
