// SPDX-License-Identifier: Apache-2.0
/** What an engine says of itself and of its containers, and what is to be said of that. */
@NullMarked
package io.github.harp.docker.inspection;

import org.jspecify.annotations.NullMarked;
