// SPDX-License-Identifier: Apache-2.0
/** The sub-commands that ask the gateway which runs, or find out why it does not answer. */
@NullMarked
package io.github.harp.launcher.cli.running;

import org.jspecify.annotations.NullMarked;
