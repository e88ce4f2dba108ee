// SPDX-License-Identifier: Apache-2.0
/** The ExApps that are known, kept for a while and looked up once. */
@NullMarked
package io.github.harp.core.records;

import org.jspecify.annotations.NullMarked;
