// SPDX-License-Identifier: Apache-2.0
/** What HaRP asks Nextcloud, over HTTP. */
@NullMarked
package io.github.harp.proxy.nextcloud;

import org.jspecify.annotations.NullMarked;
