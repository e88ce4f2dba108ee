// SPDX-License-Identifier: Apache-2.0
/** Files that are sent, and where fetched ones go: names, what is there of them, checksums. */
@NullMarked
package io.github.harp.transfer.folder;

import org.jspecify.annotations.NullMarked;
