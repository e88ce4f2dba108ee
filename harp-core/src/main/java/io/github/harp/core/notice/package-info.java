// SPDX-License-Identifier: Apache-2.0
/** What administrators are told: once, though many requests cause it, or because they ask. */
@NullMarked
package io.github.harp.core.notice;

import org.jspecify.annotations.NullMarked;
