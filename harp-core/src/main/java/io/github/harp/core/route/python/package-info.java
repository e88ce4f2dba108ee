// SPDX-License-Identifier: Apache-2.0
/**
 * Python's regular expressions as far as route patterns need them: parsed with Python's own rules
 * about what is a pattern, and decided by engines of the JVM in bounded time.
 *
 * <p>A path in printable ASCII is all that a pattern ever sees, so sets of characters are sets of
 * ASCII, line anchors are text anchors, and Unicode is a matter of the pattern's text only.
 */
@NullMarked
package io.github.harp.core.route.python;

import org.jspecify.annotations.NullMarked;
