// SPDX-License-Identifier: Apache-2.0
/** What an administrator is told once, though many requests cause it. */
@NullMarked
package io.github.harp.core.notice;

import org.jspecify.annotations.NullMarked;
