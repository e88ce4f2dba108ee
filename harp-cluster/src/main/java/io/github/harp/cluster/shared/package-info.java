// SPDX-License-Identifier: Apache-2.0
/** What a node knows, told to the others and learnt from them. */
@NullMarked
package io.github.harp.cluster.shared;

import org.jspecify.annotations.NullMarked;
