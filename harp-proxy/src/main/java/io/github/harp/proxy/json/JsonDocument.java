// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.github.harp.core.HarpException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.jackson.JacksonCodec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns bytes from outside into JSON with limits: at most {@value #MAX_DEPTH} levels, no number
 * longer than {@value #MAX_NUMBER_LENGTH} digits, no key twice. The size of the whole is limited by
 * whoever read the bytes.
 *
 * <p>Errors say where the mistake is and never quote what was found there: it may be a secret.
 */
public final class JsonDocument {

  static final int MAX_DEPTH = 32;
  static final int MAX_NUMBER_LENGTH = 64;
  private static final int MAX_NAME_LENGTH = 1024;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .maxNameLength(MAX_NAME_LENGTH)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private JsonDocument() {}

  /**
   * The object that a document consists of.
   *
   * @param subject what is read, the beginning of messages about its members
   * @throws HarpException {@code BAD_REQUEST} for anything that is not one JSON object
   */
  public static JsonFields object(Buffer bytes, String subject) {
    var value = parse(bytes);
    if (value instanceof JsonObject object) {
      return new JsonFields(object, subject, "");
    }
    throw new HarpException(
        HarpException.Code.BAD_REQUEST, subject + ": expected an object, found " + typeOf(value));
  }

  private static @Nullable Object parse(Buffer bytes) {
    try (JsonParser parser = FACTORY.createParser(bytes.getBytes())) {
      return JacksonCodec.fromParser(parser, Object.class);
    } catch (DecodeException | IOException failure) {
      throw new HarpException(HarpException.Code.BAD_REQUEST, reason(bytes, failure));
    }
  }

  private static String reason(Buffer bytes, Exception failure) {
    if (bytes.length() == 0) {
      return "Invalid JSON: found nothing, expected an object";
    }
    var cause = failure.getCause() == null ? failure : failure.getCause();
    if (cause instanceof StreamConstraintsException) {
      return "Invalid JSON: nested deeper than "
          + MAX_DEPTH
          + " levels, or a key or number that is too long";
    }
    if (cause instanceof JsonParseException parse && parse.getLocation() != null) {
      var at = parse.getLocation();
      return "Invalid JSON at line " + at.getLineNr() + ", column " + at.getColumnNr();
    }
    return "Invalid JSON: the document is cut off or followed by something else";
  }

  /** The word for a value's type in messages. */
  static String typeOf(@Nullable Object value) {
    if (value == null) {
      return "null";
    } else if (value instanceof CharSequence) {
      return "a string";
    } else if (value instanceof Number) {
      return "a number";
    } else if (value instanceof Boolean) {
      return "a boolean";
    } else if (value instanceof JsonArray || value instanceof List) {
      return "a list";
    } else if (value instanceof JsonObject || value instanceof Map) {
      return "an object";
    }
    return "something else";
  }
}
