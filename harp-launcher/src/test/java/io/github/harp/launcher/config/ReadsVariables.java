// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import io.github.harp.launcher.config.environment.ConfigurationException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;

/** Reads the variables of a test, beside those that have to be there. */
abstract class ReadsVariables {

  static final String KEY = "correct-horse-battery-staple";

  @TempDir Path root;

  Configuration read(String variable, String value) throws ConfigurationException {
    return value == null ? readWith(Map.of()) : readWith(Map.of(variable, value));
  }

  Configuration readWith(Map<String, String> values, String... without)
      throws ConfigurationException {
    var environment = new HashMap<String, String>();
    environment.put("HP_SHARED_KEY", KEY);
    environment.put("NC_INSTANCE_URL", "https://cloud.example.com");
    environment.putAll(values);
    environment.keySet().removeAll(List.of(without));
    return Configuration.from(environment, root);
  }

  static Arguments mistake(String variable, String value, String said) {
    return Arguments.of(variable, value, said);
  }
}
