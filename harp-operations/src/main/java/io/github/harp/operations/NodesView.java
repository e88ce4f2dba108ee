// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.notice.ClusterStatus;
import io.github.harp.tunnel.link.LinkStatus;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a node lets be seen of those that it shares its knowledge with.
 *
 * @param check for the doctor
 * @param status without a question to anybody
 * @param links the connections that it has made to them
 */
public record NodesView(
    Check check, Supplier<ClusterStatus> status, Supplier<List<LinkStatus>> links) {}
