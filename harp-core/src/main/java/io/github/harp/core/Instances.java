// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

/** The Nextclouds that are served. Asked on event loops for every request: must not block. */
@FunctionalInterface
public interface Instances {

  /** Whose a request is: an order by the key that it shows, any other by the host it asks for. */
  Instance of(RequestHead request);

  /** One Nextcloud, whoever asks. */
  static Instances only(Instance instance) {
    return request -> instance;
  }
}
