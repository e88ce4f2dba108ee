// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.peers.harp.HarpPeer;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.process.ResidentMemory;
import io.github.harp.bench.target.FirstAnswer;
import io.github.harp.bench.target.Protocol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** From exec to the first served request, and the memory held a second later. */
final class ColdStartTrial implements Trial {
  private static final Duration SETTLE = Duration.ofSeconds(1);

  private final Lab lab;
  private final boolean withArchive;
  private Path certs;
  private HarpVariant variant;

  ColdStartTrial(Lab lab, HarpVariant variant, boolean withArchive) {
    this.lab = lab;
    this.variant = variant;
    this.withArchive = withArchive;
    this.certs = lab.folder();
  }

  /** Makes the keys, and the archive, if one is wanted; fills the page cache. */
  @Override
  public void warmUp(Duration duration) {
    certs = lab.freshFolder("certs");
    if (withArchive) {
      variant = trained();
    }
    run(duration);
  }

  @Override
  public Sample run(Duration duration) {
    long start = System.nanoTime();
    try (var peer = HarpPeer.launch(lab, variant, certs)) {
      FirstAnswer.await(
          peer.target(App.PLAIN, Protocol.HTTP), Backend.SMALL, Duration.ofSeconds(20));
      double millis = (System.nanoTime() - start) / 1e6;
      Thread.sleep(SETTLE.toMillis());
      double mib = ResidentMemory.kib(peer.pids()) / 1024.0;
      return new Sample(1, 0, Map.of(Metric.FIRST_ANSWER, millis, Metric.RESIDENT, mib));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted during a cold start", e);
    }
  }

  private HarpVariant trained() {
    boolean aot = variant.javaRelease() >= 25;
    // A JVM takes an archive only for the JAR, and best with the options, that it was made with.
    var name = Integer.toHexString(variant.hashCode()) + (aot ? ".aot" : ".jsa");
    var archive = lab.folder().resolve(name);
    if (Files.notExists(archive)) {
      var recording =
          variant.with((aot ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + archive);
      try (var peer = HarpPeer.launch(lab, recording, certs)) {
        FirstAnswer.await(
            peer.target(App.PLAIN, Protocol.HTTP), Backend.SMALL, Duration.ofSeconds(30));
      }
      if (Files.notExists(archive)) {
        throw new BenchException("the JVM left no archive at " + archive + " when it ended");
      }
    }
    return variant.with((aot ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + archive);
  }
}
