// SPDX-License-Identifier: Apache-2.0
/**
 * One request and its answer, as those see it who bring it, decide about it and carry it out. Uses
 * none of them.
 */
@NullMarked
package io.github.harp.proxy.exchange;

import org.jspecify.annotations.NullMarked;
