// SPDX-License-Identifier: Apache-2.0

/** What is counted and measured while the gateway runs. */
@NullMarked
package io.github.harp.operations.metrics;

import org.jspecify.annotations.NullMarked;
