// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One table of a configuration: gives values by name, in any case like frp, and remembers which
 * names somebody asked for, so that the rest can be called unknown.
 */
final class Section {

  private final String path;
  private final Map<String, JsonNode> values = new LinkedHashMap<>();
  private final Map<String, String> spelling = new LinkedHashMap<>();
  private final Set<String> asked = new TreeSet<>();
  private final Map<String, Section> sections = new LinkedHashMap<>();
  private final List<String> errors;

  Section(String path, JsonNode table, List<String> errors) {
    this.path = path;
    this.errors = errors;
    table
        .properties()
        .forEach(
            entry -> {
              values.put(lower(entry.getKey()), entry.getValue());
              spelling.put(lower(entry.getKey()), entry.getKey());
            });
  }

  Optional<String> text(String name) {
    var node = value(name);
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      expected(name, "a string");
      return Optional.empty();
    }
    return Optional.of(node.textValue()).filter(text -> !text.isEmpty());
  }

  boolean flag(String name, boolean otherwise) {
    var node = value(name);
    if (!node.isMissingNode() && !node.isBoolean()) {
      expected(name, "true or false");
    }
    return node.asBoolean(otherwise);
  }

  /** A whole number; as in frp, 0 means the default. */
  int number(String name, int otherwise) {
    var node = value(name);
    if (!node.isMissingNode() && !(node.isIntegralNumber() && node.canConvertToInt())) {
      expected(name, "a whole number");
      return otherwise;
    }
    int number = node.asInt(otherwise);
    return number == 0 ? otherwise : number;
  }

  List<String> texts(String name) {
    var texts = new ArrayList<String>();
    var node = value(name);
    if (!node.isMissingNode() && !node.isArray()) {
      expected(name, "a list of strings");
    }
    node.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  Map<String, String> map(String name) {
    var map = new LinkedHashMap<String, String>();
    var node = value(name);
    if (!node.isMissingNode() && !node.isObject()) {
      expected(name, "a table of strings");
    }
    node.properties()
        .forEach(
            entry -> {
              if (entry.getValue().isTextual()) {
                map.put(entry.getKey(), entry.getValue().textValue());
              } else {
                expected(name + "." + entry.getKey(), "a string");
              }
            });
    return map;
  }

  Section section(String name) {
    return sections.computeIfAbsent(
        lower(name),
        key -> {
          var node = value(name);
          if (!node.isMissingNode() && !node.isObject()) {
            expected(name, "a table");
          }
          return new Section(join(name), node, errors);
        });
  }

  List<Section> list(String name) {
    var list = new ArrayList<Section>();
    var node = value(name);
    if (!node.isMissingNode() && !node.isArray()) {
      expected(name, "a list of tables, [[" + name + "]]");
      return list;
    }
    for (var element : node) {
      var section = new Section(join(name) + "[" + list.size() + "]", element, errors);
      sections.put(lower(name) + list.size(), section);
      list.add(section);
    }
    return list;
  }

  /** Whether there is such a value, whatever it is; does not count as asking for it. */
  boolean has(String name) {
    return values.containsKey(lower(name));
  }

  /** Counts a value as asked for. */
  void ignore(String name) {
    asked.add(lower(name));
  }

  /** Adds an error about this name. */
  void wrong(String name, String problem) {
    errors.add(join(name) + ": " + problem);
  }

  /** Names that nobody asked for, here and below, with their full path. */
  List<String> unknown() {
    var unknown = new ArrayList<String>();
    values.keySet().stream()
        .filter(name -> !asked.contains(name))
        .forEach(name -> unknown.add(join(shown(name))));
    sections.values().forEach(section -> unknown.addAll(section.unknown()));
    return unknown;
  }

  private JsonNode value(String name) {
    asked.add(lower(name));
    var node = values.getOrDefault(lower(name), MissingNode.getInstance());
    return node.isNull() ? MissingNode.getInstance() : node;
  }

  private void expected(String name, String what) {
    wrong(name, "expected " + what);
  }

  private String shown(String name) {
    return spelling.getOrDefault(name, name);
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
