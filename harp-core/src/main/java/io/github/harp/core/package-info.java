// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.github.harp.core;

import org.jspecify.annotations.NullMarked;
