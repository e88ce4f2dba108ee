// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

/** How bad a finding is; the order is the order of badness. */
public enum Severity {
  /** As it should be. */
  OK,
  /** Could not be examined, or is merely worth knowing. */
  NOTE,
  /** Works, but not as well as it should, or not for long. */
  WARNING,
  /** Does not work. */
  FAILURE
}
