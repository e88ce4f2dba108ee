// SPDX-License-Identifier: Apache-2.0
/** What each of AppAPI's orders does on an engine, one class an order. */
@NullMarked
package io.github.harp.docker.order;

import org.jspecify.annotations.NullMarked;
