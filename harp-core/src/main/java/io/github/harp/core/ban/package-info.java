// SPDX-License-Identifier: Apache-2.0
/**
 * Who has failed too often: counted by address in a sliding window, apart for users, orders and
 * tunnels.
 */
@NullMarked
package io.github.harp.core.ban;

import org.jspecify.annotations.NullMarked;
