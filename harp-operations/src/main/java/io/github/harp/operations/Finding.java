// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * One thing that a check saw.
 *
 * @param check the check's name
 * @param seen what was seen
 * @param meaning what that means for Nextcloud and its ExApps; empty when all is well
 * @param remedy what to change, to the line to write; empty when nothing
 */
public record Finding(String check, Severity severity, String seen, String meaning, String remedy) {

  public static Finding ok(String check, String seen) {
    return new Finding(check, Severity.OK, seen, "", "");
  }

  public static Finding note(String check, String seen, String meaning) {
    return new Finding(check, Severity.NOTE, seen, meaning, "");
  }

  public static Finding warning(String check, String seen, String meaning, String remedy) {
    return new Finding(check, Severity.WARNING, seen, meaning, remedy);
  }

  public static Finding failure(String check, String seen, String meaning, String remedy) {
    return new Finding(check, Severity.FAILURE, seen, meaning, remedy);
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("check", check)
        .put("severity", severity.name().toLowerCase(Locale.ROOT))
        .put("seen", seen)
        .put("meaning", meaning)
        .put("remedy", remedy);
  }

  public static Finding from(JsonObject json) {
    return new Finding(
        json.getString("check", ""),
        Severity.valueOf(json.getString("severity", "note").toUpperCase(Locale.ROOT)),
        json.getString("seen", ""),
        json.getString("meaning", ""),
        json.getString("remedy", ""));
  }
}
