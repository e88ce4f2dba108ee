// SPDX-License-Identifier: Apache-2.0

/** What the hot paths cost by themselves, in time and in allocated bytes (JMH). */
@NullMarked
package io.github.harp.bench.micro;

import org.jspecify.annotations.NullMarked;
