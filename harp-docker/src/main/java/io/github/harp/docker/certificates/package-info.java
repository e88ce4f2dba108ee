// SPDX-License-Identifier: Apache-2.0
/** Puts certificates into a container of an ExApp: files, and whatever makes its programs trust. */
@NullMarked
package io.github.harp.docker.certificates;

import org.jspecify.annotations.NullMarked;
