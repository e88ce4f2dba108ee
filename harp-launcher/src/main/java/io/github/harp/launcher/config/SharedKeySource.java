// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.harp.core.Secret;
import io.github.harp.launcher.config.environment.Environment;
import io.github.harp.launcher.config.environment.Variable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds a shared key: where it is set, or in the file that is named instead. */
final class SharedKeySource {

  private static final int SHORT = 16;
  private static final int LARGEST_FILE = 64 * 1024;
  private static final Pattern UNPRINTABLE = Pattern.compile("[^ -~]");

  /** What {@code echo} takes for an option: in the original such a key becomes empty. */
  private static final Pattern ECHO_OPTION = Pattern.compile("-[neE]+");

  /** What editors put around a line: the mark that Windows begins UTF-8 with, and ends of lines. */
  private static final Pattern AROUND_A_LINE = Pattern.compile("^\u00EF\u00BB\u00BF|[\r\n]+$");

  /**
   * Keys that people copy out of documentation, in small letters and digits alone: those of the
   * original and of AppAPI's documents, and what stands in examples for a key to be chosen.
   */
  private static final Set<String> SAMPLES =
      Set.of(
          "someverysecurepassword",
          "someverysecurekey",
          "averysecurepassword",
          "verysecurepassword",
          "enterasecurepasswordhere",
          "enteryoursharedkeyhere",
          "harpsharedkey",
          "yourharpsharedkey",
          "yoursharedkey",
          "yourhpsharedkey",
          "yoursecurepassword",
          "yoursecuresharedkey",
          "yourverysecurepassword",
          "yoursecretkey",
          "yourdevkey",
          "devonlysharedkey",
          "mysecret",
          "mysharedkey",
          "changeme",
          "changethis",
          "changemeplease",
          "pleasechangeme",
          "changemeinproduction",
          "replaceme",
          "sharedkey",
          "password",
          "secret");

  private static final String EXPECTED =
      "one key of printable ASCII characters without \" and \\, such as the output of"
          + " 'openssl rand -hex 32'";

  private final Environment environment;

  SharedKeySource(Environment environment) {
    this.environment = environment;
  }

  /** The key; one that can't be used is a mistake and gives an empty one. */
  Secret read() {
    return read(
        Variable.HP_SHARED_KEY.name(),
        environment.text(Variable.HP_SHARED_KEY),
        Variable.HP_SHARED_KEY_FILE.name(),
        environment.text(Variable.HP_SHARED_KEY_FILE));
  }

  /**
   * The same from settings of other names; empty where they are not set.
   *
   * @param key what the setting with the key is called
   * @param keyFile what the one with the file's name is called
   */
  Secret read(String key, String inline, String keyFile, String file) {
    if (!inline.isEmpty() && !file.isEmpty()) {
      environment.mistake(key + " and " + keyFile, "both", "one of them");
      return Secret.of("");
    }
    if (inline.isEmpty() && file.isEmpty()) {
      environment.mistake(key + " or " + keyFile, "neither", EXPECTED);
      return Secret.of("");
    }
    return file.isEmpty() ? check(key, inline) : check(keyFile, content(keyFile, file));
  }

  private Secret check(String variable, String text) {
    var unprintable = UNPRINTABLE.matcher(text);
    if (unprintable.find()) {
      environment.mistake(
          variable,
          String.format(
              "U+%04X, which is not printable ASCII, as character %d of the key",
              (int) text.charAt(unprintable.start()), unprintable.start() + 1),
          EXPECTED);
      return Secret.of("");
    }
    var key = Variable.unquoted(text);
    if (key.indexOf('"') >= 0 || key.indexOf('\\') >= 0) {
      environment.mistake(variable, "a quotation mark or backslash inside the key", EXPECTED);
      return Secret.of("");
    }
    if (key.isBlank() || ECHO_OPTION.matcher(key).matches()) {
      // Nothing more to say of a file that could not be read.
      if (!text.isEmpty()) {
        environment.mistake(variable, "an empty key once its quotes are removed", EXPECTED);
      }
      return Secret.of("");
    }
    warnOfWeakness(variable, key);
    return Secret.of(key);
  }

  private void warnOfWeakness(String variable, String key) {
    if (SAMPLES.contains(key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", ""))) {
      environment.alarm(
          variable, "this key stands in public documents, anybody can try it; use " + EXPECTED);
    } else if (key.length() < SHORT) {
      environment.alarm(
          variable, "a key of " + key.length() + " characters can be guessed; use " + EXPECTED);
    }
    if (!key.equals(key.strip())) {
      environment.warn(
          variable + ": blanks at its ends never arrive in a header; no order can show this key");
    }
  }

  private String content(String variable, String file) {
    var expected = "a readable file that holds the key alone";
    try {
      var path = Path.of(file);
      if (!Files.isRegularFile(path)) {
        environment.mistake(
            variable,
            Environment.quoted(file)
                + (Files.isDirectory(path) ? ", which is a folder" : ", no such file"),
            expected);
        return "";
      }
      if (Files.size(path) > LARGEST_FILE) {
        environment.mistake(
            variable,
            Environment.quoted(file) + ", a file of " + Files.size(path) + " bytes",
            expected);
        return "";
      }
      var text = AROUND_A_LINE.matcher(Files.readString(path, ISO_8859_1)).replaceAll("");
      if (text.isEmpty()) {
        environment.mistake(variable, Environment.quoted(file) + ", an empty file", expected);
      }
      return text;
    } catch (IOException | InvalidPathException e) {
      environment.mistake(
          variable, Environment.quoted(file) + ", unreadable (" + e.getMessage() + ")", expected);
      return "";
    }
  }
}
