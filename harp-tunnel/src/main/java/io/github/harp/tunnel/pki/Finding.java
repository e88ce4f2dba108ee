// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

/**
 * Something that an administrator should know or do about the certificates.
 *
 * @param isError whether something will break unless somebody acts
 * @param text whole sentences
 */
record Finding(boolean isError, String text) {}
