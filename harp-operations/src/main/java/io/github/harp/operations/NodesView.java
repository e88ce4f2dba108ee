// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.notice.ClusterStatus;
import io.github.harp.core.notice.Finding;
import io.github.harp.tunnel.link.LinkStatus;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a node lets be seen of those that it shares its knowledge with.
 *
 * @param findings what is right and wrong where they meet
 * @param status without a question to anybody
 * @param links the connections that it has made to them
 * @param tryLink makes one to a node of this name, or says why not
 */
public record NodesView(
    Supplier<List<Finding>> findings,
    Supplier<ClusterStatus> status,
    Supplier<List<LinkStatus>> links,
    Function<String, Future<Void>> tryLink) {}
