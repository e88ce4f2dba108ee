// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.environment.Variable.HP_INSTANCES_FILE;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.github.harp.core.InstanceName;
import io.github.harp.core.Secret;
import io.github.harp.core.instance.HostName;
import io.github.harp.core.key.SharedKey;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.launcher.config.Configuration.Nextcloud;
import io.github.harp.launcher.config.Configuration.Places;
import io.github.harp.launcher.config.environment.Environment;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.proxy.upstream.LocalEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The Nextclouds that are served beside that of the variables, in a TOML file. All mistakes are
 * found, as with variables; none shows a key.
 */
final class InstancesFile {

  private static final int LARGEST_FILE = 1 << 20;
  private static final int MOST = 100;
  private static final Pattern TABLE =
      Pattern.compile("^[ \\t]*\\[\\[[ \\t]*instance[ \\t]*]]", Pattern.MULTILINE);

  private static final Set<String> AT_THE_TOP = Set.of("hosts", "instance");
  private static final Set<String> OF_ONE =
      Set.of("name", "url", "key", "key_file", "hosts", "engines", "allowed_mounts", "namespace");

  private final Environment environment;

  /** What each is used by, to say who has it already. */
  private final Map<InstanceName, String> names = new HashMap<>();

  private final Map<String, String> keys = new HashMap<>();
  private final Map<HostName, String> hosts = new HashMap<>();
  private Set<HostName> ownHosts = Set.of();
  private Optional<ClusterSettings> cluster = Optional.empty();
  private String text = "";

  InstancesFile(Environment environment) {
    this.environment = environment;
  }

  /**
   * Nobody where no file is named.
   *
   * @param ownKey that of the variables, which none of the others may have
   * @param inCluster where those of the variables run, which others may have a namespace in
   */
  List<Nextcloud> read(Secret ownKey, Optional<ClusterSettings> inCluster) {
    var file = environment.text(HP_INSTANCES_FILE);
    if (file.isEmpty()) {
      return List.of();
    }
    keys.put(ownKey.reveal(), "HP_SHARED_KEY");
    cluster = inCluster;
    var root = parsed(file);
    var where = HP_INSTANCES_FILE.name();
    refuseUnknown(where, root, AT_THE_TOP);
    ownHosts = hosts(where, root.path("hosts"));
    var instances = root.path("instance");
    if (!instances.isMissingNode() && !isTables(instances)) {
      mistake(where + " instance", "something else", "tables that begin with [[instance]]");
      return List.of();
    }
    if (instances.size() > MOST) {
      mistake(where, instances.size() + " instances", "at most " + MOST);
      return List.of();
    }
    var others = new ArrayList<Nextcloud>();
    for (var one : instances) {
      var number = others.size() + 1;
      others.add(nextcloud(where + lineOf(number) + " instance " + number, one));
    }
    return others;
  }

  /** By which the one of the variables is asked for; once the file is read. */
  Set<HostName> ownHosts() {
    return ownHosts;
  }

  /** Where a table begins; nothing where none is written as tables mostly are. */
  private String lineOf(int instance) {
    return TABLE
        .matcher(text)
        .results()
        .skip(instance - 1L)
        .findFirst()
        .map(table -> " line " + (1 + text.substring(0, table.start()).lines().count()))
        .orElse("");
  }

  private static boolean isTables(JsonNode instances) {
    if (!instances.isArray()) {
      return false;
    }
    for (var one : instances) {
      if (!one.isObject()) {
        return false;
      }
    }
    return true;
  }

  private JsonNode parsed(String file) {
    try {
      var path = Path.of(file);
      if (!Files.isRegularFile(path)) {
        mistake(HP_INSTANCES_FILE.name(), Environment.quoted(file), "a readable TOML file");
      } else if (Files.size(path) > LARGEST_FILE) {
        mistake(
            HP_INSTANCES_FILE.name(),
            Environment.quoted(file) + ", a file of " + Files.size(path) + " bytes",
            "at most " + LARGEST_FILE);
      } else {
        text = Files.readString(path);
        return new TomlMapper().readTree(text);
      }
    } catch (JacksonException notToml) {
      // Without its message, which may hold a key.
      var at = notToml.getLocation();
      mistake(
          HP_INSTANCES_FILE.name() + (at == null ? "" : " line " + at.getLineNr()),
          "what is not TOML",
          "lines such as name = \"acme\" below [[instance]]");
    } catch (IOException | InvalidPathException e) {
      mistake(
          HP_INSTANCES_FILE.name(),
          Environment.quoted(file) + ", unreadable (" + e.getClass().getSimpleName() + ")",
          "a readable TOML file");
    }
    return MissingNode.getInstance();
  }

  private Nextcloud nextcloud(String where, JsonNode one) {
    refuseUnknown(where, one, OF_ONE);
    var name = name(where, text(where, one, "name"));
    var own = hosts(where, one.path("hosts"));
    if (own.isEmpty()) {
      mistake(where + " hosts", "none", "at least one, by which it is asked for");
    }
    return new Nextcloud(
        name,
        url(where, text(where, one, "url")),
        key(where, one),
        own,
        new Places(
            meaning(where, one, "engines", LocalEngine::parseAll, Map.of()),
            meaning(where, one, "allowed_mounts", ConfigurationReader::absolutePaths, List.of()),
            cluster(where + " namespace", text(where, one, "namespace"))));
  }

  private Optional<ClusterSettings> cluster(String where, String namespace) {
    if (namespace.isEmpty()) {
      return Optional.empty();
    }
    if (cluster.isEmpty()) {
      mistake(where, Environment.quoted(namespace), "none without a cluster: HP_K8S_ENABLED");
    }
    if (!ClusterReader.isNamespace(namespace)) {
      mistake(where, Environment.quoted(namespace), "the name of a namespace");
    }
    return cluster.map(
        it ->
            new ClusterSettings(
                it.apiServer(),
                namespace,
                it.token(),
                it.caFile(),
                it.verifyTls(),
                it.standards()));
  }

  private InstanceName name(String where, String text) {
    var name = InstanceName.parse(text);
    if (name.isEmpty()) {
      mistake(where + " name", Environment.quoted(text), InstanceName.FORM);
      return InstanceName.NOBODY;
    }
    claim(names, name.get(), where + " name", Environment.quoted(text));
    return name.get();
  }

  private String url(String where, String url) {
    try {
      NextcloudAddress.parse(url);
    } catch (IllegalArgumentException e) {
      mistake(
          where + " url",
          url.isEmpty() ? "nothing" : "what is no base URL",
          "the URL of Nextcloud, such as https://cloud.example.com");
    }
    return ConfigurationReader.bare(url);
  }

  private SharedKey key(String where, JsonNode one) {
    var key =
        new SharedKeySource(environment)
            .read(
                where + " key",
                text(where, one, "key"),
                where + " key_file",
                text(where, one, "key_file"))
            .reveal();
    if (key.isEmpty()) {
      // It has been told of; nothing is started with what stands in for it.
      return SharedKey.of("none");
    }
    claim(keys, key, where + " key", "a key");
    return SharedKey.of(key);
  }

  private <T> T meaning(
      String where, JsonNode one, String member, Environment.Syntax<T> syntax, T otherwise) {
    var text = text(where, one, member);
    try {
      return syntax.parse(text);
    } catch (IllegalArgumentException expected) {
      mistake(
          where + " " + member, Environment.quoted(text), String.valueOf(expected.getMessage()));
      return otherwise;
    }
  }

  private Set<HostName> hosts(String where, JsonNode given) {
    var found = new LinkedHashSet<HostName>();
    if (!given.isMissingNode() && !given.isArray()) {
      mistake(where + " hosts", "something else", "a list such as [\"cloud.example.com\"]");
      return found;
    }
    for (var item : given) {
      var text = item.isTextual() ? item.textValue() : "";
      HostName.parse(text)
          .ifPresentOrElse(
              host -> {
                claim(hosts, host, where + " hosts", Environment.quoted(text));
                found.add(host);
              },
              () -> mistake(where + " hosts", Environment.quoted(text), HostName.FORM));
    }
    return found;
  }

  /** Each belongs to one only. */
  private <T> void claim(Map<T, String> taken, T what, String where, String shown) {
    var holder = taken.putIfAbsent(what, where);
    if (holder != null) {
      mistake(where, shown + ", which is that of " + holder + ", too", "one of its own");
    }
  }

  private String text(String where, JsonNode one, String member) {
    var value = one.path(member);
    if (value.isMissingNode() || value.isTextual()) {
      return value.asText("");
    }
    mistake(where + " " + member, "something else", "a text in quotation marks");
    return "";
  }

  private void refuseUnknown(String where, JsonNode table, Set<String> known) {
    table
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                mistake(
                    where,
                    Environment.quoted(name),
                    "nothing but " + known.stream().sorted().toList());
              }
            });
  }

  private void mistake(String where, String found, String expected) {
    environment.mistake(where, found, expected);
  }
}
