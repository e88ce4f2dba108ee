// SPDX-License-Identifier: Apache-2.0
/** What is said of a cluster before it is called. */
@NullMarked
package io.github.harp.kubernetes.config;

import org.jspecify.annotations.NullMarked;
