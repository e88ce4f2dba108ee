// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a Nextcloud is called among others that are served beside it. The first has no name: nothing
 * of it is marked, so that it is as it would be alone.
 */
public record InstanceName(String text) {

  /** Of the only one, or of that which was there before the others. */
  public static final InstanceName FIRST = new InstanceName("");

  /** Of whom those ask for whose host is no Nextcloud's. */
  public static final InstanceName NOBODY = new InstanceName("nobody");

  /** For messages: what is expected. */
  public static final String FORM =
      "1 to 32 lower-case letters and digits, and neither app nor nobody";

  private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,32}");

  /** The first would make two containers share a name, the other means nobody in a log. */
  private static final Set<String> TAKEN = Set.of("app", NOBODY.text);

  /** The name of a further one; empty for what can't be one. */
  public static Optional<InstanceName> parse(String text) {
    return NAME.matcher(text).matches() && !TAKEN.contains(text)
        ? Optional.of(new InstanceName(text))
        : Optional.empty();
  }

  public boolean isFirst() {
    return text.isEmpty();
  }

  /**
   * How the names of its ExApps' containers and volumes begin: no name of one is another one's, and
   * none begins as those of the first do, which are as AppAPI knows them.
   */
  public String containers() {
    return isFirst() ? ExAppName.PREFIX : "nc_" + text + "_app_";
  }

  /**
   * Where administrators say something about it, for messages.
   *
   * @param variable where they say it of the first
   * @param member of its own table, where they say it of another one
   */
  public String setting(String variable, String member) {
    return isFirst() ? variable : "HP_INSTANCES_FILE instance " + text + " " + member;
  }

  /** What this is called where each has one: {@code users}, or {@code users of acme}. */
  public String mark(String what) {
    return isFirst() ? what : what + " of " + text;
  }

  @Override
  public String toString() {
    return text;
  }
}
