// SPDX-License-Identifier: Apache-2.0
/**
 * What the path of a request says: the ExApp, the rest, and the spellings that it may hide behind.
 */
@NullMarked
package io.github.harp.core.path;

import org.jspecify.annotations.NullMarked;
