// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

/** What one of two peers does; the other does the other. */
public enum Role {
  SENDS,
  FETCHES;

  Role other() {
    return this == SENDS ? FETCHES : SENDS;
  }
}
