// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.orders.ExAppHost;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.docker.certificates.InstallCertificates;
import io.github.harp.docker.inspection.DescribeEngine;
import io.github.harp.docker.order.AwaitHealthy;
import io.github.harp.docker.order.Containers;
import io.github.harp.docker.order.CreateContainer;
import io.github.harp.docker.order.NamesInDoubt;
import io.github.harp.docker.order.RemoveImage;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineErrors;
import java.util.List;
import java.util.Optional;

/** A Docker or Podman engine of any API version, for the length of one order. */
record DockerHost(Engine engine, TunnelFiles tunnelFiles, OrderTimes times, NamesInDoubt inDoubt)
    implements ExAppHost {

  @Override
  public Optional<Deployed> find(ExAppName name) {
    return new Containers(engine).find(name);
  }

  @Override
  public Deployed create(ExAppSpec spec) {
    return new CreateContainer(engine, spec, inDoubt).run();
  }

  @Override
  public boolean start(ExAppName name) {
    return new Containers(engine).start(name);
  }

  @Override
  public boolean stop(ExAppName name) {
    return new Containers(engine).stop(name);
  }

  @Override
  public StartOutcome awaitStart(ExAppName name) throws InterruptedException {
    return new AwaitHealthy(engine, name, times.startPatience()).run();
  }

  @Override
  public void remove(ExAppName name, boolean removeData) {
    new Containers(engine).remove(name, removeData);
  }

  @Override
  public ImageRemoval removeImage(String imageRef) {
    return new RemoveImage(engine, imageRef).run();
  }

  @Override
  public void installCertificates(ExAppName name, CertificateInstallation installation)
      throws InterruptedException {
    new InstallCertificates(
            engine,
            name,
            installation.systemBundle(),
            installation.tunnelFiles() ? tunnelFiles.forExApps() : List.of(),
            times.startOrStop().perCall())
        .run();
  }

  @Override
  public PlaceReport describe() {
    return new DescribeEngine(engine).run();
  }

  @Override
  public HarpException translate(String what, RuntimeException failure) {
    return EngineErrors.translate(what, failure);
  }

  @Override
  public void close() {
    engine.close();
  }
}
