// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.process.CpuTime;
import io.github.harp.bench.process.ResidentMemory;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import java.time.Duration;

/** Load on a running system, with what it cost the system's processes. */
record LoadTrial(Lab lab, String system, App app, Protocol protocol, Load load) implements Trial {

  @Override
  public void warmUp(Duration duration) {
    var peer = lab.peer(system);
    var target = peer.target(app, protocol);
    load.prepare(peer, target, duration);
    load.run(peer, target, duration);
  }

  @Override
  public Sample run(Duration duration) {
    return measured(lab.peer(system), duration);
  }

  private Sample measured(Peer peer, Duration duration) {
    double before = CpuTime.of(peer.pids()).own();
    var sample = load.run(peer, peer.target(app, protocol), duration);
    double used = CpuTime.of(peer.pids()).own() - before;
    if (sample.payloadBytes() > 0) {
      sample = sample.with(Metric.CPU_PER_GIGABYTE, used / (sample.payloadBytes() / 1e9));
    } else if (sample.operations() > 0) {
      sample = sample.with(Metric.CPU_PER_OPERATION, used * 1e6 / sample.operations());
    }
    return sample.with(Metric.RESIDENT, ResidentMemory.kib(peer.pids()) / 1024.0);
  }
}
