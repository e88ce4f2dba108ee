// SPDX-License-Identifier: Apache-2.0
/** Who may reach what: the procedure that decides every request, and the rules for engines. */
@NullMarked
package io.github.harp.core.access;

import org.jspecify.annotations.NullMarked;
