#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fabric8 kubernetes-client 8.0.0: a watch that has begun, whose connection then ends, and whose next request is answered
# with 403 (the right to watch was taken away, or a token has been revoked) is tried again and again. Its Watcher is told
# nothing, neither onClose nor an event: to whoever waits for an event it looks like a cluster in which nothing happens.
# A watch whose first request is answered so fails at once with the server's reason.
#
# Needs Maven and a JDK (17 or newer). Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=8.0.0

cat > "$folder/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>x</groupId><artifactId>x</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.fabric8</groupId><artifactId>kubernetes-client</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
  </dependencies>
</project>
XML
mvn -q -B -f "$folder/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/lib"

cat > "$folder/Forbidden.java" <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.*;
import java.net.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;

public class Forbidden {
  public static void main(String[] arguments) throws Exception {
    var asked = new AtomicInteger();
    var mayWatchOnce = new AtomicBoolean();
    var refused = ("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Forbidden\",\"code\":403,"
        + "\"message\":\"pods is forbidden\"}").getBytes();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> {
      boolean isFirst = asked.incrementAndGet() == 1;
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (isFirst && mayWatchOnce.get()) {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
      } else {
        exchange.sendResponseHeaders(403, refused.length);
        exchange.getResponseBody().write(refused);
      }
      exchange.close();
    });
    server.start();
    var config = new ConfigBuilder().withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort()).withNamespace("n")
        .withWatchReconnectInterval(100).withRequestRetryBackoffLimit(0).build();
    try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
      try {
        client.pods().watch(new Told(new AtomicInteger()));
        System.out.println("first request refused: no exception");
      } catch (KubernetesClientException e) {
        System.out.println("first request refused: exception with code " + e.getCode());
      }
      asked.set(0);
      mayWatchOnce.set(true);
      var told = new AtomicInteger();
      var watch = client.pods().watch(new Told(told));
      Thread.sleep(8_000);
      System.out.println("later requests refused: asked again " + (asked.get() > 4 ? "and again" : asked.get() + " times") + ", the watcher was told "
          + (told.get() == 0 ? "nothing" : "something"));
      watch.close();
    }
    server.stop(0);
    System.exit(0);
  }

  record Told(AtomicInteger times) implements Watcher<Pod> {
    @Override
    public void eventReceived(Action action, Pod pod) {
      times.incrementAndGet();
    }

    @Override
    public void onClose(WatcherException cause) {
      times.incrementAndGet();
    }
  }
}
JAVA
seen=$(java -cp "$folder/lib/*" "$folder/Forbidden.java" 2>"$folder/err") || cat "$folder/err"
echo "kubernetes-client $version:"
echo "$seen"
expected='first request refused: exception with code 403
later requests refused: asked again and again, the watcher was told nothing'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
