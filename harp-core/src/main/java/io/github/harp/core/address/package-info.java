// SPDX-License-Identifier: Apache-2.0
/**
 * Where a request comes from when proxies stand in front: addresses, networks, forwarded-for; and
 * where to listen.
 */
@NullMarked
package io.github.harp.core.address;

import org.jspecify.annotations.NullMarked;
