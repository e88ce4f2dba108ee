// SPDX-License-Identifier: Apache-2.0
/** What is told about requests, logins and event loops while the gateway runs, or remembered. */
@NullMarked
package io.github.harp.operations.observe;

import org.jspecify.annotations.NullMarked;
