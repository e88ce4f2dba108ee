// SPDX-License-Identifier: Apache-2.0
/** What a container of an ExApp is to be like, and what it gets to dial in with. */
@NullMarked
package io.github.harp.core.runtime.spec;

import org.jspecify.annotations.NullMarked;
