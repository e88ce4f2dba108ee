// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.ExAppName;
import io.github.harp.core.RequestHead;
import io.github.harp.core.path.PercentDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The few calls that are passed to an engine: what AppAPI needs to pull an image and to look at the
 * containers of ExApps.
 *
 * <p>A rule matches the whole path, decoded once as the engine does, with or without an API
 * version. Anything that the engine could read differently than we do (a second encoding, empty or
 * dot segments, other characters) matches no rule. So it is with parameters.
 */
final class EngineRules {

  private static final Set<String> READ = Set.of("GET", "HEAD");
  private static final Set<String> POST = Set.of("POST");
  private static final String REFERENCE = "[A-Za-z0-9][A-Za-z0-9_.:@/-]*";

  /** Not the local files that Podman takes for images, too: {@code docker-archive:/a.tar}. */
  private static final Pattern IMAGE = Pattern.compile("(?!.*(?::/|//))" + REFERENCE);

  private static final String EXAPP_CONTAINER = ExAppName.PREFIX + "[A-Za-z0-9_.-]+";
  private static final String PULL = "/images/create";

  private static final Pattern CONTAINER =
      Pattern.compile("^((?:/v[0-9.]+)?/containers/)" + ExAppName.PREFIX);

  private static final Pattern VERSION = Pattern.compile("/v[0-9]{1,3}(?:\\.[0-9]{1,4})?(?=/)");
  private static final Pattern DOTS_OR_EMPTY = Pattern.compile("/\\.{0,2}(?:/|$)");

  private static final List<Rule> RULES =
      List.of(
          new Rule(READ, "/_ping", "/_ping", Set.of()),
          new Rule(
              READ,
              "/images/{reference}/json",
              "/images/" + REFERENCE + "/json",
              Set.of("manifests", "platform")),
          new Rule(
              READ,
              "/containers/nc_app_{name}/json",
              "/containers/" + EXAPP_CONTAINER + "/json",
              Set.of("size")),
          new Rule(
              READ,
              "/containers/nc_app_{name}/logs",
              "/containers/" + EXAPP_CONTAINER + "/logs",
              Set.of(
                  "stdout", "stderr", "tail", "follow", "since", "until", "timestamps", "details")),
          new Rule(POST, PULL, PULL, Set.of("fromImage", "tag", "platform")));

  private record Rule(Set<String> methods, String name, Pattern path, Set<String> parameters) {
    Rule(Set<String> methods, String name, String path, Set<String> parameters) {
      this(methods, name, Pattern.compile(path), parameters);
    }
  }

  private EngineRules() {}

  /**
   * Why a call must not be made; empty when it may.
   *
   * @param head its method, query and content type
   * @param path the raw path at the engine
   * @return for the log: which rule was missing or not met
   */
  static Optional<String> objection(RequestHead head, String path) {
    var decoded = PercentDecoder.decode(path);
    if (decoded.isEmpty()) {
      return Optional.of("the path has a % without two hexadecimal digits");
    }
    var target = VERSION.matcher(decoded.get());
    var call = target.lookingAt() ? decoded.get().substring(target.end()) : decoded.get();
    if (DOTS_OR_EMPTY.matcher(call).find()) {
      return Optional.of("the path has an empty or a dot segment");
    }
    var matching = RULES.stream().filter(rule -> rule.path.matcher(call).matches()).findFirst();
    if (matching.isEmpty()) {
      return Optional.of("no rule for this path: allowed are " + names());
    }
    var rule = matching.get();
    if (!rule.methods.contains(head.method())) {
      return Optional.of(rule.name + " is allowed with " + String.join(", ", methods(rule)));
    }
    return rule.name.equals(PULL) && hasForm(head)
        ? Optional.of(PULL + " takes its parameters from the query, not from a form")
        : objectionToQuery(rule, head.query());
  }

  /**
   * The engine takes parameters from a form, too, and those come first. Which of several lines of
   * the type counts is its business: Go takes the first, so none may say it.
   */
  private static boolean hasForm(RequestHead head) {
    return head.headers("content-type").stream()
        .anyMatch(line -> line.toLowerCase(Locale.ROOT).contains("form"));
  }

  /**
   * Each parameter is known and there once. What it is called is a question of the engine: Podman
   * does not tell upper from lower case, older ones take {@code ;} for {@code &}, and one that
   * nobody has thought of may import, load or build.
   */
  private static Optional<String> objectionToQuery(Rule rule, String query) {
    if (query.indexOf(';') >= 0) {
      return Optional.of(rule.name + " has a ';' in its query, which engines read differently");
    }
    var seen = new HashMap<String, String>();
    for (var parameter : query.split("&", -1)) {
      if (parameter.isEmpty()) {
        continue;
      }
      var parts = parameter.split("=", 2);
      var name = PercentDecoder.decode(parts[0].replace('+', ' '));
      var value = PercentDecoder.decode(parts.length == 2 ? parts[1].replace('+', ' ') : "");
      if (name.isEmpty() || value.isEmpty()) {
        return Optional.of(rule.name + " has a % without two hexadecimal digits in its query");
      }
      if (!rule.parameters.contains(name.get())) {
        return Optional.of(rule.name + " is allowed with " + parameters(rule) + " only");
      }
      if (seen.put(name.get(), value.get()) != null) {
        return Optional.of(rule.name + " has " + name.get() + " twice");
      }
    }
    return rule.name.equals(PULL) && !IMAGE.matcher(seen.getOrDefault("fromImage", "")).matches()
        ? Optional.of(PULL + " needs fromImage, the name of an image in a registry")
        : Optional.empty();
  }

  /**
   * The path that is sent for one that is allowed: AppAPI asks for {@code nc_app_x}, whatever the
   * containers of its ExApps are called here.
   *
   * @param prefix how these names begin
   */
  static String renamed(String path, String prefix) {
    if (prefix.equals(ExAppName.PREFIX)) {
      return path;
    }
    // What is allowed has no characters that would have to be encoded.
    var decoded = PercentDecoder.decode(path).orElseThrow();
    return CONTAINER.matcher(decoded).replaceFirst("$1" + prefix);
  }

  private static String names() {
    return String.join(", ", RULES.stream().map(Rule::name).toList());
  }

  private static String parameters(Rule rule) {
    return rule.parameters.isEmpty()
        ? "no parameters"
        : String.join(", ", new TreeSet<>(rule.parameters));
  }

  private static List<String> methods(Rule rule) {
    return rule.methods.stream().sorted().toList();
  }
}
