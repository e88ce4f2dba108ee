// SPDX-License-Identifier: Apache-2.0
/** JSON from outside, read with its types checked and its mistakes named. */
@NullMarked
package io.github.harp.proxy.json;

import org.jspecify.annotations.NullMarked;
