// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.launcher.config.Configuration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The environment of a gateway on free ports of loopback, without engines. */
public final class TestSettings {

  public static final String KEY = "a key that is only used in this test";

  private TestSettings() {}

  /**
   * Its Nextcloud is nowhere.
   *
   * @param folder of its certificates
   */
  public static Map<String, String> in(Path folder) {
    return new HashMap<>(
        Map.of(
            "HP_SHARED_KEY", KEY,
            "NC_INSTANCE_URL", "http://127.0.0.1:9",
            "HP_EXAPPS_ADDRESS", "127.0.0.1:0",
            "HP_FRP_ADDRESS", "127.0.0.1:0",
            "HP_ADMIN_ADDRESS", "127.0.0.1:0",
            "HP_DOCKER_ENGINES", "",
            "HP_CERTS_DIR", folder.toString()));
  }

  /** A second Nextcloud: the file that names it. */
  static String withTwo(Path folder, int port, String key, String more) throws IOException {
    var text =
        """
        hosts = ["one.example"]

        [[instance]]
        name = "two"
        url = "http://127.0.0.1:%d"
        key = "%s"
        hosts = ["two.example"]
        %s
        """;
    var file = folder.resolve("instances.toml");
    return Files.writeString(file, text.formatted(port, key, more)).toString();
  }

  public static Future<Gateway> start(Map<String, String> environment, Path folder, Vertx vertx) {
    return vertx
        .executeBlocking(() -> new Gateway(Configuration.from(environment, folder), vertx), false)
        .compose(Gateway::start);
  }
}
