// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import io.github.harp.proxy.HarpProxyOptions.Limits;
import io.github.harp.proxy.transport.TransportChoice;
import io.vertx.core.net.SelfSignedCertificate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A proxy in a process of its own with 128 MiB of heap and as much direct memory. */
final class ProxyProcess implements AutoCloseable {

  private static final String PORT = "PORT ";
  private static final String TLS_PORT = "TLS ";
  private static final String MEMORY = "MEMORY ";

  private final Process process;

  /** All that it writes. */
  private final Path folder;

  private final BufferedReader out;
  private final InetSocketAddress address;
  private final InetSocketAddress tlsAddress;

  private ProxyProcess(Process process, Path folder) throws IOException {
    this.process = process;
    this.folder = folder;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.address = addressIn(lineAfter(PORT));
    this.tlsAddress = addressIn(lineAfter(TLS_PORT));
  }

  private static InetSocketAddress addressIn(String line) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(line.strip()));
  }

  static ProxyProcess start(TransportChoice transport, int exAppPort, int otherPort)
      throws IOException {
    var folder = Files.createTempDirectory("harp");
    return new ProxyProcess(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                ProxyProcess.class.getName(),
                transport.name(),
                Integer.toString(exAppPort),
                Integer.toString(otherPort))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start(),
        folder);
  }

  InetSocketAddress address() {
    return address;
  }

  /** The same with TLS. */
  InetSocketAddress tlsAddress() {
    return tlsAddress;
  }

  /** Heap after a collection, and buffers outside of it. */
  long usedMegabytes() throws IOException {
    process.getOutputStream().write('m');
    process.getOutputStream().flush();
    return Long.parseLong(lineAfter(MEMORY)) >> 20;
  }

  private String lineAfter(String start) throws IOException {
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(start)) {
        return line.substring(start.length());
      }
    }
    throw new IOException("the proxy's process has ended");
  }

  @Override
  public void close() throws Exception {
    process.getOutputStream().close();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Prints its port, and what memory it uses when asked; ends with its input. */
  public static void main(String[] arguments) throws Exception {
    var certificate = SelfSignedCertificate.create("localhost");
    var pem = Files.createTempFile("harp", ".pem");
    for (var part : List.of(certificate.privateKeyPath(), certificate.certificatePath())) {
      Files.write(pem, Files.readAllBytes(Path.of(part)), StandardOpenOption.APPEND);
    }
    // More than the product's, so that one address can have 4,000 under way to one ExApp.
    var requests = new Limits.Requests(4_096, 8_192);
    var options =
        TestProxy.options()
            .limits(new Limits(new Limits().connections(), requests))
            .tls(pem, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .transport(TransportChoice.valueOf(arguments[0]));
    try (var proxy =
        TestProxy.start(options)
            .with("app", "127.0.0.1", Integer.parseInt(arguments[1]))
            .with("other", "127.0.0.1", Integer.parseInt(arguments[2]))) {
      System.out.println(PORT + proxy.address().getPort());
      System.out.println(TLS_PORT + proxy.proxy().tlsAddresses().get(0).getPort());
      while (System.in.read() >= 0) {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        System.out.println(MEMORY + (heap + buffers()));
      }
    }
    Runtime.getRuntime().halt(0);
  }

  /** As the JVM counts them: Netty does not on every one. */
  private static long buffers() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
