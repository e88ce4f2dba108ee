// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import java.util.List;

/**
 * Examines one thing. May block for as long as its own deadlines allow; never throws on purpose.
 */
public interface Check {

  /** What it examines, in a word or two. */
  String name();

  /** What it saw, in the order in which a reader needs it. */
  List<Finding> examine();
}
