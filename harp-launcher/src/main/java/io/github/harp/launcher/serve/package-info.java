// SPDX-License-Identifier: Apache-2.0
/** Puts the libraries together to one gateway, and starts and stops it. */
@NullMarked
package io.github.harp.launcher.serve;

import org.jspecify.annotations.NullMarked;
