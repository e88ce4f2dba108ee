// SPDX-License-Identifier: Apache-2.0
/** Where the time of a request goes, told to a collector of traces. */
@NullMarked
package io.github.harp.operations.tracing;

import org.jspecify.annotations.NullMarked;
