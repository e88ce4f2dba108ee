// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

/**
 * The two message formats of frp. A client chooses one; a server tells them apart by the first
 * bytes.
 */
public enum WireProtocol {
  /**
   * What every frp release speaks: a type byte, a length, JSON; the control connection is
   * AES-128-CFB.
   */
  V1,
  /**
   * Since frp 0.69: negotiated, the control connection is AES-256-GCM. Older servers hang up on it.
   */
  V2
}
