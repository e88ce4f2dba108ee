// SPDX-License-Identifier: Apache-2.0
/** What nodes share: failures, records, and who is there. */
@NullMarked
package io.github.harp.cluster.shared;

import org.jspecify.annotations.NullMarked;
