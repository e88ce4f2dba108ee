// SPDX-License-Identifier: Apache-2.0
/**
 * What is told about requests, tunnels and the process while the gateway runs: log lines and
 * metrics.
 */
@NullMarked
package io.github.harp.operations.observe;

import org.jspecify.annotations.NullMarked;
