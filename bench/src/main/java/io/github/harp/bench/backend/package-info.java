// SPDX-License-Identifier: Apache-2.0

/**
 * What the proxies talk to: an ExApp that is never the bottleneck, and a stand-in for Nextcloud.
 */
@NullMarked
package io.github.harp.bench.backend;

import org.jspecify.annotations.NullMarked;
