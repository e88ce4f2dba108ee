// SPDX-License-Identifier: Apache-2.0

/** Which environment variables there are, and how their texts are read. */
@NullMarked
package io.github.harp.launcher.config.environment;

import org.jspecify.annotations.NullMarked;
