// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.watch;

/** That somebody is told of events, until it is closed. */
@FunctionalInterface
public interface Watch extends AutoCloseable {

  /** Nothing more is told. A second call does nothing. */
  @Override
  void close();
}
