// SPDX-License-Identifier: Apache-2.0
/** Where bytes go: the upstreams of ExApps, and the engines. */
@NullMarked
package io.github.harp.core.upstream;

import org.jspecify.annotations.NullMarked;
