// SPDX-License-Identifier: Apache-2.0
/** What nodes tell each other: sealed entries of one stream, written by all and read by all. */
@NullMarked
package io.github.harp.cluster.journal;

import org.jspecify.annotations.NullMarked;
