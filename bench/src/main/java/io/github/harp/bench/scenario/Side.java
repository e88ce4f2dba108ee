// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

/**
 * A row of a table.
 *
 * @param system the system's name, by which it is selected
 * @param label the system and what is special about its requests
 * @param trial how it is measured
 */
public record Side(String system, String label, Trial trial) {}
