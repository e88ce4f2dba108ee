// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;

import com.github.dockerjava.api.command.InspectContainerResponse;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.docker.certificates.ContainerFiles.Entry;
import io.github.harp.docker.order.Containers;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineErrors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts certificates into a container. Contract 5.15.
 *
 * <p>A stopped container gets the tunnel's files before anything of it runs: started without them,
 * an ExApp logs in without TLS (W9). It is started only where its system's trust store has to be
 * updated, and stopped again whatever happens.
 */
public final class InstallCertificates {

  private static final Logger LOG = LoggerFactory.getLogger(InstallCertificates.class);
  private static final String TUNNEL_FOLDER = "/certs/frp";

  private final Engine engine;
  private final ExAppName name;
  private final Optional<String> systemBundle;
  private final List<TunnelFile> tunnelFiles;
  private final Duration stopMayTake;
  private final ContainerExec exec;
  private final ContainerFiles files;

  /**
   * @param tunnelFiles what goes to {@value #TUNNEL_FOLDER}; empty for nothing
   * @param stopMayTake for stopping a container again, beside the time of the order
   */
  public InstallCertificates(
      Engine engine,
      ExAppName name,
      Optional<String> systemBundle,
      List<TunnelFile> tunnelFiles,
      Duration stopMayTake) {
    this.engine = engine;
    this.name = name;
    this.systemBundle = systemBundle.filter(bundle -> !bundle.isEmpty());
    this.tunnelFiles = tunnelFiles;
    this.stopMayTake = stopMayTake;
    this.exec = new ContainerExec(engine, name.container());
    this.files = new ContainerFiles(engine, name.container());
  }

  public void run() throws InterruptedException {
    var container = inspect();
    if (Containers.isRunning(container)) {
      trustSystemBundle();
      installTunnelFilesWhileRunning(container);
    } else {
      installTunnelFilesBeforeStart(container);
      if (systemBundle.isPresent()) {
        whileStarted(this::trustSystemBundle);
      }
    }
  }

  private InspectContainerResponse inspect() {
    return new Containers(engine)
        .inspect(name)
        .orElseThrow(
            () ->
                new HarpException(
                    NOT_FOUND, engine + ": there is no container " + name.container()));
  }

  private interface Step {
    void run() throws InterruptedException;
  }

  private void whileStarted(Step step) throws InterruptedException {
    try {
      new Containers(engine).start(name);
      step.run();
    } finally {
      stopAgain();
    }
  }

  /** With a time of its own, and also when the order was interrupted. */
  private void stopAgain() {
    var interrupted = Thread.interrupted();
    try (var own = engine.another(stopMayTake)) {
      new Containers(own).stop(name);
    } catch (RuntimeException e) {
      LOG.warn(
          "{}: {} was stopped before certificates were installed and may run now: {}",
          engine,
          name.container(),
          EngineErrors.translate("stop", e).getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void trustSystemBundle() throws InterruptedException {
    if (systemBundle.isEmpty()) {
      return;
    }
    var store = TrustStore.of(mustRun("cat", "/etc/os-release").output());
    if (store.isEmpty()) {
      LOG.warn(
          "{}: {} is no Debian, Ubuntu, Alpine or RHEL: its system gets no certificates",
          engine,
          name.container());
      return;
    }
    mustRun("mkdir", "-p", store.get().folder());
    var certificates = CertificateBundle.parse(systemBundle.get()).certificates();
    if (certificates.isEmpty()) {
      LOG.warn("{}: no certificate in the bundle for {}", engine, name.container());
      return;
    }
    files.upload(systemEntries(store.get(), certificates));
    update(store.get());
  }

  private static List<Entry> systemEntries(TrustStore store, List<String> certificates) {
    var entries = new ArrayList<Entry>();
    for (var certificate : certificates) {
      entries.add(
          Entry.file(
              store.folder().substring(1) + "/custom_ca_cert_" + entries.size() + ".crt",
              certificate.getBytes(StandardCharsets.US_ASCII)));
    }
    return entries;
  }

  /** Failing is no reason to give up: an image may lack the command and not need it. */
  private void update(TrustStore store) throws InterruptedException {
    var updated = exec.run(store.updateCommand());
    if (updated.failed()) {
      LOG.warn(
          "{}: {} in {} ended with {}: {}",
          engine,
          store.updateCommand()[0],
          name.container(),
          updated.exitCode(),
          EngineErrors.shown(updated.output()));
    }
  }

  private void installTunnelFilesBeforeStart(InspectContainerResponse container) {
    if (tunnelFiles.isEmpty()) {
      return;
    }
    var entries = new ArrayList<Entry>();
    // A folder that the image brings keeps its owner and mode.
    for (var folder : List.of("/certs", TUNNEL_FOLDER)) {
      if (!files.has(folder)) {
        entries.add(Entry.folder(folder.substring(1)));
      }
    }
    entries.addAll(tunnelEntries(container));
    files.upload(entries);
  }

  private void installTunnelFilesWhileRunning(InspectContainerResponse container)
      throws InterruptedException {
    if (tunnelFiles.isEmpty()) {
      return;
    }
    mustRun("mkdir", "-p", TUNNEL_FOLDER);
    files.upload(tunnelEntries(container));
  }

  private List<Entry> tunnelEntries(InspectContainerResponse container) {
    var user = ContainerUser.of(Containers.user(container));
    return tunnelFiles.stream()
        .map(
            file ->
                user.ownedBy(
                    TUNNEL_FOLDER.substring(1) + "/" + file.name(),
                    file.content(),
                    file.confidential()))
        .toList();
  }

  private ContainerExec.Result mustRun(String... command) throws InterruptedException {
    var result = exec.run(command);
    if (result.failed()) {
      throw new HarpException(
          FAILED,
          engine
              + ", '"
              + String.join(" ", command)
              + "' in "
              + name.container()
              + " ended with "
              + result.exitCode()
              + ", expected 0: "
              + EngineErrors.shown(result.output()));
    }
    return result;
  }
}
