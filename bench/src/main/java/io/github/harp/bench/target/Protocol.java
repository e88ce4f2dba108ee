// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.target;

/** What is spoken to a system. */
public enum Protocol {
  /** HTTP/1. */
  HTTP,
  /** HTTP/1 in TLS. */
  HTTPS,
  /** HTTP/2 without TLS, known beforehand. */
  HTTP2,
  /** HTTP/2 in TLS, chosen by ALPN. */
  HTTP2_TLS;

  /** Whether it is encrypted. */
  public boolean isTls() {
    return this == HTTPS || this == HTTP2_TLS;
  }
}
