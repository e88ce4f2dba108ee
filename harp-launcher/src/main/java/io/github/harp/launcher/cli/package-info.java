// SPDX-License-Identifier: Apache-2.0
/** The sub-commands: each turns arguments and environment into one call and an exit code. */
@NullMarked
package io.github.harp.launcher.cli;

import org.jspecify.annotations.NullMarked;
