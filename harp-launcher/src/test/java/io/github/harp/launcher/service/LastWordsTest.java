// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.key.SharedKey;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.logging.LoggedErrors;
import io.github.harp.operations.observe.EventLoopWatch;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.transport.TransportChoice;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes with an event loop that can't go on: each ends by itself. */
class LastWordsTest {

  /** What happens to the event loop. */
  enum Accident {
    A_LOOP_ENDS {
      @Override
      void happen(Vertx vertx, LastWords lastWords) {
        ((VertxInternal) vertx)
            .nettyEventLoopGroup()
            .next()
            .shutdownGracefully(0, 0, TimeUnit.SECONDS);
      }
    },
    AN_ERROR_REACHES_A_HANDLER {
      @Override
      void happen(Vertx vertx, LastWords lastWords) throws Exception {
        var proxy =
            HarpProxy.builder(new Unlinked(), SharedKey.of("a-shared-key-of-the-tests"))
                .options(
                    HarpProxyOptions.builder()
                        .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .build())
                .vertx(vertx)
                .onFatalError(lastWords::broken)
                .build();
        proxy.start().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        try (var client =
            new Socket(InetAddress.getLoopbackAddress(), proxy.addresses().get(0).getPort())) {
          client
              .getOutputStream()
              .write(
                  "GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
          client.getInputStream().read();
        }
      }
    },
    AN_ERROR_REACHES_A_TUNNEL {
      @Override
      void happen(Vertx vertx, LastWords lastWords) throws Exception {
        var server =
            new TunnelServer(
                TunnelServerOptions.builder()
                    .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .plain(true)
                    .authenticator(
                        login -> {
                          throw new NoClassDefFoundError("io/github/harp/Missing");
                        })
                    .onFatalError(lastWords::broken)
                    .build());
        var address = server.start().get(30, TimeUnit.SECONDS);
        TunnelClient.start(TunnelClientOptions.to("127.0.0.1", address.getPort()).build());
      }
    },
    A_TASK_MEETS_THE_END_OF_MEMORY {
      @Override
      void happen(Vertx vertx, LastWords lastWords) {
        LoggedErrors.tell(lastWords::broken);
        vertx.runOnContext(ignored -> fill());
      }

      private void fill() {
        for (int size = 1 << 20; ; size = Math.max(16, size / 2)) {
          try {
            while (true) {
              ALL_OF_IT.add(new byte[size]);
            }
          } catch (OutOfMemoryError full) {
            if (size == 16) {
              throw full;
            }
          }
        }
      }
    };

    private static final List<byte[]> ALL_OF_IT = new ArrayList<>();

    abstract void happen(Vertx vertx, LastWords lastWords) throws Exception;
  }

  /** A class that it needs is not there. */
  private static final class Unlinked implements Nextcloud {
    @Override
    public Future<Optional<ExApp>> exApp(AppId appId) {
      throw new NoClassDefFoundError("io/github/harp/Missing");
    }

    @Override
    public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
      throw new NoClassDefFoundError("io/github/harp/Missing");
    }
  }

  /** One process: named accident, else it runs on. */
  static final class Process {
    public static void main(String[] arguments) throws Exception {
      var lastWords = new LastWords();
      var vertx = TransportChoice.AUTO.start();
      try (var watch =
          new EventLoopWatch(
                  ((VertxInternal) vertx).nettyEventLoopGroup(),
                  new SimpleMeterRegistry(),
                  Duration.ofMinutes(5),
                  lastWords::stuck,
                  lastWords::ended)
              .start()) {
        Accident.valueOf(arguments[0]).happen(vertx, lastWords);
        new CountDownLatch(1).await();
        System.out.println(watch);
      }
    }
  }

  @DisplayName(
      "S1: a process whose event loop can't go on ends with its own exit code, and says why")
  @ParameterizedTest
  @EnumSource
  void endsWithItsOwnExitCode(Accident accident) throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Process.class.getName(),
                accident.name())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("it ends").isTrue();
      var words = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(process.exitValue()).isEqualTo(ExitCode.BROKEN);
      assertThat(words).contains("harp: an event loop has ended, or an error has reached it");
      if (accident == Accident.AN_ERROR_REACHES_A_HANDLER) {
        assertThat(words).contains("NoClassDefFoundError: io/github/harp/Missing", "    at ");
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
