// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** How far each node has been read. Only what is authentic is shown to it. */
final class Sequences {

  /** Writers that were silent for longest are forgotten; what they wrote is too old by then. */
  private static final int MAX_WRITERS = 10_000;

  /** What is under way has arrived by then. */
  private static final int LOOKS = 3;

  private final Map<String, Long> read =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_WRITERS;
        }
      };

  /** Up to where it is known that something is missing. */
  private final Map<String, Long> noticed = new HashMap<>();

  private int looksThatLacked;

  /** What an entry is, beside those before it. */
  enum Place {
    /** The one that was expected. */
    NEXT,
    /** Others should stand before it. */
    AFTER_A_GAP,
    /** It, or a later one of this writer, was read already. */
    READ_BEFORE
  }

  /**
   * Takes note of an entry.
   *
   * @param follows the number of the last entry with something else in it; those between were this
   *     one, too, of which its writer did not know whether they had arrived
   * @param complete whether everything was read that this writer can have written
   */
  Place read(String writer, long follows, long number, boolean complete) {
    var last = read.getOrDefault(writer, complete ? 0 : follows);
    if (number > last) {
      read.put(writer, number);
    }
    if (follows < last) {
      return Place.READ_BEFORE;
    }
    return follows == last ? Place.NEXT : Place.AFTER_A_GAP;
  }

  /**
   * Whether something is missing that nothing was read after, so that no gap shows; once.
   *
   * @param told the number of the last entry of each that is there
   */
  boolean lacks(Map<String, Long> told) {
    noticed.keySet().retainAll(told.keySet());
    var isMissing = told.entrySet().stream().anyMatch(it -> it.getValue() > knownOf(it.getKey()));
    looksThatLacked = isMissing ? looksThatLacked + 1 : 0;
    if (looksThatLacked < LOOKS) {
      return false;
    }
    looksThatLacked = 0;
    noticed.putAll(told);
    return true;
  }

  private long knownOf(String writer) {
    return Math.max(read.getOrDefault(writer, 0L), noticed.getOrDefault(writer, 0L));
  }
}
