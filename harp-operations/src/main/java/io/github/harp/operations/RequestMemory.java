// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.operations.observe.Heartbeats;
import io.github.harp.operations.observe.NonceWitness;
import io.github.harp.operations.observe.RecentRequests;
import io.github.harp.operations.traffic.Traffic;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import java.time.Clock;

/**
 * What is remembered of requests for whoever looks later.
 *
 * @param witness of the doctor's own
 * @param recent what was decided about the last ones
 * @param traffic how many there are
 * @param heartbeats what ExApps said when they were asked whether they are up
 */
public record RequestMemory(
    NonceWitness witness, RecentRequests recent, Traffic traffic, Heartbeats heartbeats)
    implements RequestObserver {

  public RequestMemory(Clock clock) {
    this(new NonceWitness(), new RecentRequests(clock), new Traffic(clock), new Heartbeats(clock));
  }

  @Override
  public void finished(RequestRecord request) {
    witness.finished(request);
    recent.finished(request);
    traffic.finished(request);
    heartbeats.finished(request);
  }
}
