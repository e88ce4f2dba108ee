// SPDX-License-Identifier: Apache-2.0
/**
 * ExApps in a Kubernetes cluster. {@link io.github.harp.kubernetes.KubernetesCluster} is all that
 * others use.
 */
@NullMarked
package io.github.harp.kubernetes;

import org.jspecify.annotations.NullMarked;
