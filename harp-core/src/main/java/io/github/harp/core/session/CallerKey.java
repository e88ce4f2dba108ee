// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.session;

/**
 * Stands for a caller's credentials without holding them: half of a keyed hash, which is enough
 * never to meet another.
 */
record CallerKey(long high, long low) {}
