// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

/** What an ExApp computes with. */
public enum ComputeDevice {
  CPU,
  /** All NVIDIA GPUs of the host. */
  CUDA,
  /** The AMD GPU devices of the host. */
  ROCM
}
