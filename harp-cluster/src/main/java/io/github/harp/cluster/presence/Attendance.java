// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.presence;

import static java.util.stream.Collectors.toMap;

import io.github.harp.core.InstanceName;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which of the nodes that are there serve one Nextcloud, and what they say of it: those with its
 * name and its key. On the context, but for {@link #run}.
 */
public final class Attendance implements Peers {

  private static final int RUN_BYTES = 8;

  /** However busy they are, all who are there speak between the first and the last of them. */
  private static final int LOOKS = 3;

  private final Roster roster;
  private final InstanceName name;
  private final String run = newRun();
  private LongSupplier number = () -> 0;
  private LongSupplier told = () -> 0;
  private Consumer<Map<String, Long>> whenTold = all -> {};
  private final List<Runnable> whenRead = new ArrayList<>();
  private Map<String, Long> said = Map.of();
  private Duration known = Duration.ZERO;
  private int looks;
  private boolean tellsAll;
  private long tellsAllSince;
  private String key = "";

  /**
   * What a node says of a Nextcloud that it serves.
   *
   * @param key eight hex digits that nodes with the same one have in common
   * @param run of that Nextcloud there, from its beginning to its end
   * @param told how far it has written the journal lately
   * @param knows for how many milliseconds it has known what all do; 0 where it does not, and in
   *     earlier versions
   */
  record Word(String key, String run, long number, long told, long knows) {

    static Word read(JsonObject text) {
      return new Word(
          text.getString("key", ""),
          text.getString("run", ""),
          text.getLong("number", 0L),
          text.getLong("told", 0L),
          Math.max(0, text.getLong("knows", 0L)));
    }

    JsonObject text() {
      return new JsonObject()
          .put("key", key)
          .put("run", run)
          .put("number", number)
          .put("told", told)
          .put("knows", knows);
    }
  }

  Attendance(Roster roster, InstanceName name) {
    this.roster = roster;
    this.name = name;
  }

  private static String newRun() {
    var bytes = new byte[RUN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  InstanceName name() {
    return name;
  }

  @Override
  public String run() {
    return run;
  }

  @Override
  public void says(LongSupplier digest) {
    number = digest;
  }

  @Override
  public void whenRead(Runnable listener) {
    whenRead.add(listener);
  }

  /**
   * How far the journal is written is said with each sign of life. Before there is one.
   *
   * @param written the number of the last entry; zero where there is none of the last minute
   * @param listener told now and then how far each has written it, by run
   */
  public void tell(LongSupplier written, Consumer<Map<String, Long>> listener) {
    told = written;
    whenTold = listener;
  }

  /**
   * This node serves it from now on, and says so. On any thread.
   *
   * @param fingerprint eight hex digits that those with its key have in common
   */
  public void open(String fingerprint) {
    roster.onContext(
        () -> {
          key = fingerprint;
          roster.add(this);
        });
  }

  /** It does not any more. On any thread. */
  public void close() {
    roster.onContext(() -> roster.remove(this));
  }

  /**
   * It was looked who is there.
   *
   * @param present what was said last by those that live, this one included
   */
  void looked(List<Beat> present) {
    var words = words(present);
    said = words.stream().collect(toMap(Word::run, Word::number, (one, other) -> other));
    known =
        Duration.ofMillis(
            words.stream()
                .filter(word -> !word.run().equals(run))
                .mapToLong(Word::knows)
                .max()
                .orElse(0));
    looks = Math.min(looks + 1, LOOKS);
    whenTold.accept(words.stream().collect(toMap(Word::run, Word::told, Math::max)));
    whenRead.forEach(Runnable::run);
  }

  private long knows() {
    return tellsAll ? 1 + Duration.ofNanos(System.nanoTime() - tellsAllSince).toMillis() : 0;
  }

  Word word() {
    return new Word(key, run, number.getAsLong(), told.getAsLong(), knows());
  }

  @Override
  public Map<String, Long> said() {
    return said;
  }

  @Override
  public Duration known() {
    return known;
  }

  /**
   * Whether it is known who is there. The list may have been lost just before, and whoever is there
   * speaks again within a look or two.
   */
  public boolean isRead() {
    return looks >= (known.isZero() ? LOOKS : LOOKS - 1);
  }

  @Override
  public boolean tellsAll() {
    return tellsAll;
  }

  /** What {@link #tellsAll} says from now on. */
  public void tellAll(boolean knows) {
    tellsAll = knows;
    tellsAllSince = System.nanoTime();
  }

  private List<Word> words(List<Beat> beats) {
    return beats.stream()
        .flatMap(beat -> Optional.ofNullable(beat.words().get(name.text())).stream())
        .filter(word -> word.key().equals(key))
        .toList();
  }

  /** In what another node serves other Nextclouds than this one. */
  static List<String> differences(List<Attendance> own, Map<String, Word> theirs) {
    var ours = own.stream().collect(toMap(it -> it.name.text(), Attendance::word));
    return Stream.concat(ours.keySet().stream(), theirs.keySet().stream())
        .distinct()
        .sorted()
        .flatMap(it -> difference(Roster.shown(it), ours.get(it), theirs.get(it)).stream())
        .toList();
  }

  private static Optional<String> difference(
      String name, @Nullable Word ours, @Nullable Word theirs) {
    if (theirs == null) {
      return Optional.of(name + " is not served there");
    }
    if (ours == null) {
      return Optional.of(name + " is served there and not here");
    }
    return ours.key().equals(theirs.key())
        ? Optional.empty()
        : Optional.of(name + " has another key there");
  }
}
