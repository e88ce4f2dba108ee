// SPDX-License-Identifier: Apache-2.0
/**
 * Finds out what is wrong and says what to change. Each check is a class of its own; the {@link
 * io.github.harp.operations.doctor.Doctor} runs them in order.
 */
@NullMarked
package io.github.harp.operations.doctor;

import org.jspecify.annotations.NullMarked;
