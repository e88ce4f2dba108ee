// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import io.github.harp.bench.process.Daemon;
import java.util.List;

/**
 * A way to an ExApp on the worker.
 *
 * @param from where requests come from
 * @param url of the ExApp, there
 * @param costs the programs whose processor time counts
 */
record Way(Host from, String url, List<Daemon> costs) {}
