// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.traffic;

/**
 * The traffic of some time.
 *
 * @param at when it ended, in seconds since 1970
 * @param requests in a second, as all rates
 * @param errors answers of 500 and more
 * @param median milliseconds until half of the answers had begun; 0 when there were none
 * @param p99 until 99 of 100 had
 */
public record TrafficSample(
    long at,
    double requests,
    double errors,
    long bytesIn,
    long bytesOut,
    double median,
    double p99) {}
