// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WatchersTest {

  private static final int THREADS = 4;
  private static final int EACH = 2_000;

  private final Watchers<Integer> watchers = new Watchers<>();

  @Test
  void whatManyThreadsNoteIsToldOneAfterTheOtherInTheOrderOfTheirLock() {
    var told = new ArrayList<Integer>();
    watchers.add(told::add);
    var lock = new Object();
    var next = new int[1];
    var all =
        IntStream.range(0, THREADS)
            .mapToObj(
                thread ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (var i = 0; i < EACH; i++) {
                            synchronized (lock) {
                              watchers.note(next[0]++);
                            }
                            watchers.tell();
                          }
                        }))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(all).join();

    assertThat(told).containsExactlyElementsOf(IntStream.range(0, THREADS * EACH).boxed().toList());
  }

  @Test
  void whatAWatcherCausesIsToldAfterWhatItWasTold() {
    var first = new ArrayList<Integer>();
    var second = new ArrayList<Integer>();
    watchers.add(
        event -> {
          first.add(event);
          if (event < 3) {
            watchers.note(event + 1);
            watchers.tell();
          }
        });
    watchers.add(second::add);

    watchers.note(1);
    watchers.tell();

    assertThat(first).containsExactly(1, 2, 3);
    assertThat(second).containsExactly(1, 2, 3);
  }

  @Test
  void afterAnErrorItGoesOn() {
    List<Integer> told = new CopyOnWriteArrayList<>();
    watchers.add(
        event -> {
          if (event == 1) {
            throw new StackOverflowError("as in a test");
          }
        });
    watchers.add(told::add);
    watchers.note(1);
    assertThatThrownBy(watchers::tell).isInstanceOf(StackOverflowError.class);

    watchers.note(2);
    watchers.tell();

    assertThat(told).containsExactly(2);
  }
}
