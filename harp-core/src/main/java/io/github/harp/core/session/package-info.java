// SPDX-License-Identifier: Apache-2.0
/** Who callers are, as Nextcloud said a moment ago. */
@NullMarked
package io.github.harp.core.session;

import org.jspecify.annotations.NullMarked;
