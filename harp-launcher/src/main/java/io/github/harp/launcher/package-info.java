// SPDX-License-Identifier: Apache-2.0
/** The program: {@code java -jar harp.jar}. */
@NullMarked
package io.github.harp.launcher;

import org.jspecify.annotations.NullMarked;
