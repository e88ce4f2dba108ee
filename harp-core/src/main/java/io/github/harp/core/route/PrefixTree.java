// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Texts by their characters: whoever walks along a path meets those that it starts with. */
final class PrefixTree {
  private final int[] numbers;
  private final char[] characters;
  private final PrefixTree[] children;

  private PrefixTree(List<String> texts, List<Integer> members, int depth) {
    numbers =
        members.stream().filter(it -> texts.get(it).length() == depth).mapToInt(it -> it).toArray();
    var byCharacter = new TreeMap<Character, List<Integer>>();
    for (var member : members) {
      var text = texts.get(member);
      if (text.length() > depth) {
        byCharacter.computeIfAbsent(text.charAt(depth), it -> new ArrayList<>()).add(member);
      }
    }
    characters = new char[byCharacter.size()];
    children = new PrefixTree[byCharacter.size()];
    var at = 0;
    for (var entry : byCharacter.entrySet()) {
      characters[at] = entry.getKey();
      children[at++] = new PrefixTree(texts, entry.getValue(), depth + 1);
    }
  }

  /** The root; a text's number is its place in the list. */
  static PrefixTree of(List<String> texts) {
    return new PrefixTree(texts, IntStream.range(0, texts.size()).boxed().toList(), 0);
  }

  /** The numbers of the texts that end here, ascending. */
  int[] numbers() {
    return numbers;
  }

  /** Where the texts go on with this character; null when none does. */
  @Nullable PrefixTree child(char next) {
    for (var i = 0; i < characters.length; i++) {
      if (characters[i] == next) {
        return children[i];
      }
    }
    return null;
  }
}
