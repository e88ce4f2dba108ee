// SPDX-License-Identifier: Apache-2.0
/** One class for each thing that is asked of the cluster; they block. Contract 8. */
@NullMarked
package io.github.harp.kubernetes.order;

import org.jspecify.annotations.NullMarked;
