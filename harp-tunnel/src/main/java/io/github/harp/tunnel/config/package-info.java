// SPDX-License-Identifier: Apache-2.0

/** Reads the configuration files of frpc. */
@NullMarked
package io.github.harp.tunnel.config;

import org.jspecify.annotations.NullMarked;
