// SPDX-License-Identifier: Apache-2.0
/** The cluster's API: how it is called, what its refusals mean, and how our objects are marked. */
@NullMarked
package io.github.harp.kubernetes.api;

import org.jspecify.annotations.NullMarked;
