// SPDX-License-Identifier: Apache-2.0
/** The gateway as a process: its signals, and what ends it. */
@NullMarked
package io.github.harp.launcher.service;

import org.jspecify.annotations.NullMarked;
