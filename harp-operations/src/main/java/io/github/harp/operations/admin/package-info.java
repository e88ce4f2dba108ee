// SPDX-License-Identifier: Apache-2.0
/** The end-point for those who look after the process. */
@NullMarked
package io.github.harp.operations.admin;

import org.jspecify.annotations.NullMarked;
