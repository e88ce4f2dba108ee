// SPDX-License-Identifier: Apache-2.0
/** Questions to HTTP servers, each with a deadline and a limit for the answer's size. */
@NullMarked
package io.github.harp.proxy.question;

import org.jspecify.annotations.NullMarked;
