// SPDX-License-Identifier: Apache-2.0
/** What is true of a client's connection, whatever is spoken on it: how many, how they end. */
@NullMarked
package io.github.harp.proxy.frontend.connection;

import org.jspecify.annotations.NullMarked;
