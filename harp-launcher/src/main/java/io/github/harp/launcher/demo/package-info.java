// SPDX-License-Identifier: Apache-2.0
/**
 * {@code harp demo}: the real gateway between a stand-in for Nextcloud and a sample ExApp, in one
 * process.
 */
@NullMarked
package io.github.harp.launcher.demo;

import org.jspecify.annotations.NullMarked;
