// SPDX-License-Identifier: Apache-2.0
/**
 * The administrator's wishes: environment variables in, one immutable {@link
 * io.github.harp.launcher.config.Configuration} out, or everything that is wrong with them at once.
 */
@NullMarked
package io.github.harp.launcher.config;

import org.jspecify.annotations.NullMarked;
