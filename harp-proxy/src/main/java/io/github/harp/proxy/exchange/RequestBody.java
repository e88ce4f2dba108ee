// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

/** Where the content of a request comes from. */
public interface RequestBody {

  /** None is wanted until {@link #resume}. */
  void pause();

  void resume();

  /** The answer is complete and nobody takes the rest of the request any more. */
  void discard();
}
