// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import java.util.List;

/** The files that an ExApp's container needs in {@code /certs/frp} to dial in with mutual TLS. */
public interface TunnelFiles {

  /**
   * One file.
   *
   * @param name without a folder, {@code client.crt}
   * @param content PEM
   * @param confidential whether only its owner may read it
   */
  record TunnelFile(String name, byte[] content, boolean confidential) {}

  /** The current files; empty when tunnels use no TLS or there are no certificates. */
  List<TunnelFile> forExApps();
}
