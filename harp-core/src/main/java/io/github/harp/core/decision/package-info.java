// SPDX-License-Identifier: Apache-2.0
/** What is to happen to a request, and why: what the gatekeeper says. */
@NullMarked
package io.github.harp.core.decision;

import org.jspecify.annotations.NullMarked;
