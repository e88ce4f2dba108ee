// SPDX-License-Identifier: Apache-2.0
/** What others say when they are asked: what commands ask with, and the checks that ask. */
@NullMarked
package io.github.harp.operations.outside;

import org.jspecify.annotations.NullMarked;
