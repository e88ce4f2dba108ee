// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * A real cluster with one node, as {@code interop/kubernetes/up} starts it: one for all tests of a
 * JVM, and one at a time on a machine. Tests that need it name it as an extension, and are skipped
 * where it was not built.
 */
public final class RealCluster implements BeforeAllCallback {

  private static final Path ROOT =
      Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
  private static final Path SCRIPTS = ROOT.resolve("interop/kubernetes");
  private static final Path RUN = Path.of("/run/harp-kubernetes");

  /** Of tests, on a machine that does much else. */
  private static final int PATIENCE_MILLIS = 60_000;

  private static final Path LOCK = Path.of("/run/harp-kubernetes.lock");

  /** Runs until it is stopped, serves {@code /heartbeat}, and has no health check. */
  public static final String IMAGE = "harp.test/exapp:1";

  /** Whether nothing was ended since all of it was last seen at work. */
  private static volatile boolean whole = true;

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(Namespace.create(RealCluster.class))
        .getOrComputeIfAbsent(Up.class, key -> new Up(), Up.class);
  }

  /** The base URL of its API. */
  public static String server() {
    return read(RUN.resolve("server")).strip();
  }

  /** What its API server's certificate is signed by. */
  public static Path ca() {
    return RUN.resolve("ca.crt");
  }

  /** A client that may do everything. */
  public static KubernetesClient admin() {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(Config.fromKubeconfig(RUN.resolve("admin.kubeconfig").toFile()))
                .withClientKeyAlgo("EC")
                .withConnectionTimeout(PATIENCE_MILLIS)
                .withRequestTimeout(PATIENCE_MILLIS)
                .build())
        .build();
  }

  /** What {@code kubectl} says to this, as administrator. */
  public static String kubectl(String... arguments) {
    return kubectl(true, arguments);
  }

  /** The same, for what ends with another code where the answer is no. */
  public static String kubectlWhateverTheEnd(String... arguments) {
    return kubectl(false, arguments);
  }

  private static String kubectl(boolean mustEndWell, String... arguments) {
    var command = new ArrayList<String>();
    command.add(built("kube").resolve("kubectl").toString());
    command.add("--kubeconfig=" + RUN.resolve("admin.kubeconfig"));
    command.addAll(List.of(arguments));
    return run(command, mustEndWell);
  }

  /** What Helm says to this, as administrator. */
  public static String helm(String... arguments) {
    return run(helmCommand(arguments), true);
  }

  /** The same, for what may end with another code. */
  public static String helmWhateverTheEnd(String... arguments) {
    return run(helmCommand(arguments), false);
  }

  private static List<String> helmCommand(String... arguments) {
    var command = new ArrayList<String>(List.of("/usr/bin/env"));
    for (var folder : List.of("CACHE", "CONFIG", "DATA")) {
      command.add("HELM_" + folder + "_HOME=" + RUN.resolve("helm"));
    }
    command.add("KUBECONFIG=" + RUN.resolve("admin.kubeconfig"));
    command.add(built("helm").resolve("helm").toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Where {@code interop/kubernetes/build} put something.
   *
   * @param what a variable of {@code versions} beside it
   */
  public static Path built(String what) {
    return Path.of(
        run(List.of(
                "/bin/bash",
                "-c",
                "cd '" + SCRIPTS + "' && . ./versions && echo \"$" + what + "\""))
            .strip());
  }

  /** Brings an image of {@code docker save} onto the node. */
  public static void importImage(Path tar) {
    run(
        List.of(
            "nsenter",
            "--target=" + read(RUN.resolve("pids/holder")).strip(),
            "--net",
            "--mount",
            "ctr",
            "--address=" + RUN.resolve("containerd.sock"),
            "--namespace=k8s.io",
            "images",
            "import",
            tar.toString()));
  }

  /** Ends a process of the cluster at once: {@code apiserver}, {@code kubelet}, … */
  public static void kill(String process) {
    run(
        List.of(
            "/bin/bash",
            "-c",
            "pid=$(cat '"
                + RUN.resolve("pids").resolve(process)
                + "') && kill -9 $pid && while [ -r /proc/$pid/stat ] &&"
                + " ! grep -q ') Z ' /proc/$pid/stat; do sleep 0.05; done"));
  }

  /** Holds it where it is; it answers nobody. */
  public static void pause(String process) {
    // Each of its threads stops when it is scheduled the next time.
    run(
        List.of(
            "/bin/bash",
            "-c",
            "pid=$1 && kill -STOP $pid && while cat /proc/$pid/task/*/stat | grep -vq ') T ';"
                + " do sleep 0.05; done",
            "pause",
            pid(process)));
  }

  public static void resume(String process) {
    run(List.of("/bin/kill", "-CONT", pid(process)));
  }

  private static String pid(String process) {
    return read(RUN.resolve("pids").resolve(process)).strip();
  }

  /** Makes what this text describes, as administrator. */
  public static void apply(String yaml) {
    apply("default", yaml);
  }

  /** The same, in a namespace. */
  public static void apply(String namespace, String yaml) {
    try {
      var file = Files.createTempFile("harp-cluster", ".yaml");
      Files.writeString(file, yaml);
      kubectl("apply", "-n", namespace, "-f", file.toString());
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it again. */
  public static void start(String process) {
    whole = false;
    run(List.of(RUN.resolve("commands").resolve(process).toString()));
  }

  /**
   * Waits, where something was ended and started again, for what asks the API server at ever longer
   * intervals meanwhile: who counts quotas, who makes pods and who starts them.
   */
  public static void awaitWhole() {
    if (whole) {
      return;
    }
    var namespace = "harp-test-whole";
    kubectl("create", "namespace", namespace);
    kubectl("create", "quota", "q", "--hard=count/pods=9", "-n", namespace);
    kubectl("create", "deployment", "d", "--image=" + IMAGE, "-n", namespace);
    kubectl("wait", "quota/q", "--for=jsonpath={.status.hard}", "--timeout=120s", "-n", namespace);
    kubectl("wait", "deployment/d", "--for=condition=Available", "--timeout=120s", "-n", namespace);
    kubectl("delete", "namespace", namespace);
    whole = true;
  }

  private static String run(List<String> command) {
    return run(command, true);
  }

  private static String run(List<String> command, boolean mustEndWell) {
    try {
      var out = Files.createTempFile("harp-cluster", ".out");
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " did not end");
      }
      var text = read(out);
      Files.delete(out);
      if (mustEndWell && process.exitValue() != 0) {
        throw new IllegalStateException(
            command + " ended with " + process.exitValue() + ": " + text);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Up implements AutoCloseable {

    private final FileChannel lock;

    Up() {
      assumeTrue(
          Files.isExecutable(built("kube").resolve("kube")) && Files.isWritable(Path.of("/run")),
          "no cluster: interop/kubernetes/build builds it, and root may start it");
      try {
        lock = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock.lock();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      run(List.of(SCRIPTS.resolve("up").toString()));
    }

    @Override
    public void close() throws IOException {
      run(List.of(SCRIPTS.resolve("down").toString()));
      lock.close();
    }
  }
}
