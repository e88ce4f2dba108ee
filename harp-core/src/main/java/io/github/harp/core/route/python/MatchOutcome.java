// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

/** Whether a pattern matches. */
public enum MatchOutcome {
  YES,
  NO,
  /** It could not be found out within the limits. */
  UNDECIDED
}
