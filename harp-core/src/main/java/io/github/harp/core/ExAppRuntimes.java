// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

/** The runtimes of the engines that AppAPI names by port. Thread-safe. */
@FunctionalInterface
public interface ExAppRuntimes {

  /**
   * The runtime on an engine.
   *
   * @throws HarpException {@code UNREACHABLE} when no engine is known under this number
   */
  ExAppRuntime onEngine(int port);
}
