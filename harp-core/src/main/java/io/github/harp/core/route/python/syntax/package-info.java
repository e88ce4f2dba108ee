// SPDX-License-Identifier: Apache-2.0
/** The syntax of Python's regular expressions: what is a pattern, and what it consists of. */
@NullMarked
package io.github.harp.core.route.python.syntax;

import org.jspecify.annotations.NullMarked;
