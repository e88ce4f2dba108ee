// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One program that was started for a comparison, with its children, until it is closed.
 * Thread-safe.
 */
public final class Daemon implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(40);

  private final String name;
  private final Path log;
  private final Process process;
  private final Thread stopAtExit;

  private Daemon(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
    this.stopAtExit = new Thread(this::stop, "stop-" + name);
    Runtime.getRuntime().addShutdownHook(stopAtExit);
  }

  /**
   * Starts a program whose output goes to {@code folder/name.log}.
   *
   * @param environment added to this process's own
   */
  public static Daemon start(
      String name, Path folder, List<String> command, Map<String, String> environment) {
    var log = folder.resolve(name + ".log");
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    try {
      return new Daemon(name, log, builder.start());
    } catch (IOException e) {
      throw new BenchException(name + " did not start: " + e.getMessage(), e);
    }
  }

  /**
   * Waits until something listens on a loopback port, or fails with the end of the program's log.
   */
  public Daemon awaitPort(int port) {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return await("nothing listens on port " + port, START_LIMIT, () -> accepts(address));
  }

  /** Waits until the log contains a text, or fails with its end. */
  public Daemon awaitLog(String text) {
    return awaitLog(text, 1, START_LIMIT);
  }

  /** Waits until the log contains a text that many times, or fails with its end. */
  public Daemon awaitLog(String text, int times, Duration limit) {
    return await(
        "'" + text + "' is not in the log " + times + " times",
        limit,
        () -> log().split(Pattern.quote(text), -1).length > times);
  }

  /** Waits until the program has done its work, or fails with the end of its log. */
  public void awaitEnd(Duration limit) {
    try {
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      close();
      if (!ended || process.exitValue() != 0) {
        throw new BenchException(name + " failed. Its last lines:\n" + tail(log()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException(name + ": interrupted while it worked", e);
    }
  }

  /** The program's process id. */
  public long pid() {
    return process.pid();
  }

  /** The process ids of the program and of everything it started that still lives. */
  public Stream<Long> pids() {
    return Stream.concat(Stream.of(process.pid()), process.descendants().map(ProcessHandle::pid));
  }

  /** What the program printed so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    stop();
    try {
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    } catch (IllegalStateException e) {
      return; // The harness is being stopped: the hook runs, too, and finds nothing left to do.
    }
  }

  private synchronized void stop() {
    var children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }

  private Daemon await(String problem, Duration limit, Condition condition) {
    long end = System.nanoTime() + limit.toNanos();
    try {
      while (!condition.holds()) {
        if (!process.isAlive() || System.nanoTime() > end) {
          close();
          throw new BenchException(name + ": " + problem + ". Its last lines:\n" + tail(log()));
        }
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException(name + ": interrupted while starting", e);
    }
    return this;
  }

  private static boolean accepts(InetSocketAddress address) {
    try (var socket = new Socket()) {
      socket.connect(address, 200);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - 2000));
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds();
  }
}
