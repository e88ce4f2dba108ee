// SPDX-License-Identifier: Apache-2.0
/** How an ExApp in the cluster is reached: by a Service, by hand or by its tunnel. Contract 8.7. */
@NullMarked
package io.github.harp.kubernetes.way;

import org.jspecify.annotations.NullMarked;
