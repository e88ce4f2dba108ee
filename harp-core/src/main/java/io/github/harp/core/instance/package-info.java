// SPDX-License-Identifier: Apache-2.0
/** The Nextclouds that are served, and whose a request is. */
@NullMarked
package io.github.harp.core.instance;

import org.jspecify.annotations.NullMarked;
