// SPDX-License-Identifier: Apache-2.0
/** Stand-ins and assertions for tests of this module and of those that build on it. */
package io.github.harp.core.testing;
