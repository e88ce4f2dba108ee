// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

/**
 * What failures lead to.
 *
 * @param answer which of the banned are told
 * @param wrongPaths tells of callers whose failures cost them nothing
 */
record Penalties(BanAnswer answer, WrongPaths wrongPaths) {}
