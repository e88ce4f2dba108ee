// SPDX-License-Identifier: Apache-2.0
/**
 * Files from one peer to another: what is offered, what is wanted of it, and where it goes.
 *
 * @see <a href="docs/far-away.md">the protocol</a>
 */
@NullMarked
package io.github.harp.transfer;

import org.jspecify.annotations.NullMarked;
