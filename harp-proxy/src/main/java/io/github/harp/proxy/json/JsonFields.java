// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.json;

import io.github.harp.core.HarpException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JSON object by name and type, as strict and as lenient as the original: a string
 * must be a string, an integer may be written as a string, unknown members are ignored, and {@code
 * null} is a value of the wrong type unless a method says otherwise.
 *
 * <p>Every method fails with a {@link HarpException} ({@code BAD_REQUEST}) that names the member,
 * what was expected and the type that was found; a value is quoted only when it is a number.
 */
public final class JsonFields {

  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,19}");
  private static final Set<String> TRUE = Set.of("1", "on", "t", "true", "y", "yes");
  private static final Set<String> FALSE = Set.of("0", "off", "f", "false", "n", "no");

  private final JsonObject object;
  private final String subject;
  private final String parent;

  JsonFields(JsonObject object, String subject, String parent) {
    this.object = object;
    this.subject = subject;
    this.parent = parent;
  }

  /** Whether there is such a member, be it null. */
  public boolean has(String name) {
    return object.containsKey(name);
  }

  /** Whether there is such a member and it is a string. */
  public boolean isText(String name) {
    return object.getValue(name) instanceof String;
  }

  /** A string that has to be there. */
  public String string(String name) {
    return stringAt(name, required(name, "a string"));
  }

  /** A string, or {@code absent} without such a member. */
  public String string(String name, String absent) {
    return has(name) ? string(name) : absent;
  }

  /** A string; empty when the member is absent or null. */
  public Optional<String> optionalString(String name) {
    var value = object.getValue(name);
    return value == null ? Optional.empty() : Optional.of(stringAt(name, value));
  }

  /** An integer from {@code min} to {@code max} that has to be there. */
  public long integer(String name, long min, long max) {
    return integerAt(name, required(name, "an integer"), min, max);
  }

  /** An integer within bounds; empty when the member is absent or null. */
  public OptionalLong optionalInteger(String name, long min, long max) {
    var value = object.getValue(name);
    return value == null ? OptionalLong.empty() : OptionalLong.of(integerAt(name, value, min, max));
  }

  /** A number within bounds, or {@code absent} without such a member. */
  public double decimal(String name, double min, double max, double absent) {
    if (!has(name)) {
      return absent;
    }
    var value = decimalOf(object.getValue(name));
    if (value == null) {
      throw wrongType(name, "a number", object.getValue(name));
    }
    if (!(value >= min && value <= max)) {
      throw violation(name, "expected a number from " + min + " to " + max + ", found " + value);
    }
    return value;
  }

  /** A boolean, or {@code absent} without such a member. */
  public boolean bool(String name, boolean absent) {
    if (!has(name)) {
      return absent;
    }
    var value = object.getValue(name);
    if (value instanceof Boolean bool) {
      return bool;
    }
    if (value instanceof String || value instanceof Integer) {
      var word = value.toString().toLowerCase(Locale.ROOT);
      if (TRUE.contains(word)) {
        return true;
      } else if (FALSE.contains(word)) {
        return false;
      }
    }
    throw wrongType(name, "a boolean", value);
  }

  /** One of some words, or {@code absent} without such a member. */
  public String word(String name, String absent, List<String> words) {
    var value = string(name, absent);
    if (!words.contains(value)) {
      throw violation(name, "found another word, expected one of " + String.join(", ", words));
    }
    return value;
  }

  /** Strings in order; empty without such a member. */
  public List<String> strings(String name) {
    return each(name, this::stringAt);
  }

  /** Integers within bounds in order; empty without such a member. */
  public List<Long> integers(String name, long min, long max) {
    return each(name, (at, value) -> integerAt(at, value, min, max));
  }

  /** Objects in order; empty without such a member. */
  public List<JsonFields> objects(String name) {
    return each(name, this::objectAt);
  }

  /**
   * An object; one without members when there is no such member, and for an empty list, which is
   * how PHP writes an empty object.
   */
  public JsonFields object(String name) {
    var value = has(name) ? object.getValue(name) : new JsonObject();
    return value instanceof JsonArray list && list.isEmpty()
        ? objectAt(name, new JsonObject())
        : objectAt(name, value);
  }

  /** An object of strings; as lenient as {@link #object}. */
  public Map<String, String> stringMap(String name) {
    var fields = object(name);
    var result = new TreeMap<String, String>();
    for (var key : fields.object.fieldNames()) {
      result.put(key, fields.string(key));
    }
    return result;
  }

  /** An exception about a member whose type is right and whose value is not. */
  public HarpException violation(String name, String expectation) {
    return new HarpException(
        HarpException.Code.BAD_REQUEST, subject + ": " + path(name) + ": " + expectation);
  }

  private @Nullable Object required(String name, String type) {
    if (!has(name)) {
      throw violation(name, "missing, expected " + type);
    }
    return object.getValue(name);
  }

  private <T> List<T> each(String name, BiFunction<String, @Nullable Object, T> reading) {
    var result = new ArrayList<T>();
    var values = list(name);
    for (int i = 0; i < values.size(); i++) {
      result.add(reading.apply(name + "[" + i + "]", values.getValue(i)));
    }
    return result;
  }

  private JsonArray list(String name) {
    if (!has(name)) {
      return new JsonArray();
    }
    var value = object.getValue(name);
    if (value instanceof JsonArray list) {
      return list;
    }
    throw wrongType(name, "a list", value);
  }

  private JsonFields objectAt(String name, @Nullable Object value) {
    if (value instanceof JsonObject child) {
      return new JsonFields(child, subject, path(name) + ".");
    }
    throw wrongType(name, "an object", value);
  }

  private String stringAt(String name, @Nullable Object value) {
    if (value instanceof String string) {
      return string;
    }
    throw wrongType(name, "a string", value);
  }

  private long integerAt(String name, @Nullable Object value, long min, long max) {
    var number = integerOf(value);
    if (number == null) {
      throw wrongType(name, "an integer", value);
    }
    if (number < min || number > max) {
      throw violation(name, "expected an integer from " + min + " to " + max + ", found " + number);
    }
    return number;
  }

  private static @Nullable Long integerOf(@Nullable Object value) {
    try {
      if (value instanceof Integer || value instanceof Long) {
        return ((Number) value).longValue();
      } else if (value instanceof BigInteger big) {
        return big.longValueExact();
      } else if (value instanceof Double decimal && Double.isFinite(decimal)) {
        return new BigDecimal(decimal).longValueExact();
      } else if (value instanceof String text && INTEGER.matcher(text.strip()).matches()) {
        return Long.parseLong(text.strip());
      }
    } catch (ArithmeticException | NumberFormatException notALong) {
      return null;
    }
    return null;
  }

  private static @Nullable Double decimalOf(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    try {
      return value instanceof String text ? Double.valueOf(text.strip()) : null;
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }

  private HarpException wrongType(String name, String expected, @Nullable Object found) {
    return violation(name, "expected " + expected + ", found " + JsonDocument.typeOf(found));
  }

  private String path(String name) {
    return parent + name;
  }
}
