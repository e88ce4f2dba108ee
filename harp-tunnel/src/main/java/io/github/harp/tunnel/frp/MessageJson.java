// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MutableConfigOverride;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.netty.handler.codec.CorruptedFrameException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of a message as Go's {@code encoding/json} writes and reads it: empty fields are left
 * out, unknown ones ignored, names match in any case, {@code null} means empty, and a value of the
 * wrong type is an error.
 */
public final class MessageJson {

  /**
   * Names, values, and brackets of one message. frp's programs send some thirty, and two for each
   * entry of {@code metadatas} or annotations; what an entry takes here is fifty times its bytes.
   */
  private static final int MOST_TOKENS = 256;

  private static final ObjectMapper JSON = mapper();

  private MessageJson() {}

  public static byte[] write(Message message) {
    return writeStructure(message instanceof Message.Other other ? other.content() : message);
  }

  /**
   * @throws CorruptedFrameException if the bytes are not one JSON object with fields of the right
   *     types
   */
  public static Message read(MessageType type, byte[] json) {
    var content = type.content();
    if (content == null) {
      return new Message.Other(type, readAs(ObjectNode.class, type.name(), json));
    }
    return readAs(content, type.name(), json);
  }

  /**
   * Writes one of the protocol's JSON structures that is not a message (the negotiation of wire
   * protocol 2).
   */
  public static byte[] writeStructure(Object structure) {
    try {
      return JSON.writeValueAsBytes(structure);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot write " + structure.getClass().getSimpleName(), e);
    }
  }

  /** Reads such a structure; {@code name} is for the error message. */
  public static <T> T readAs(Class<T> structure, String name, byte[] json) {
    try {
      T value = JSON.readValue(json, structure);
      return value != null ? value : JSON.readValue("{}", structure);
    } catch (IOException | IllegalArgumentException e) {
      // The parser's own text may quote the input, which may hold a token: it goes to debug through
      // the cause only.
      throw new CorruptedFrameException(
          "%s of %d bytes is not JSON of the expected shape".formatted(name, json.length), e);
    }
  }

  private static ObjectMapper mapper() {
    var mapper =
        JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .defaultPropertyInclusion(
                JsonInclude.Value.construct(
                    JsonInclude.Include.NON_DEFAULT, JsonInclude.Include.ALWAYS))
            .withConfigOverride(String.class, MessageJson::nullIsEmpty)
            .withConfigOverride(List.class, MessageJson::nullIsEmpty)
            .withConfigOverride(Map.class, MessageJson::nullIsEmpty)
            .withConfigOverride(byte[].class, MessageJson::nullIsEmpty)
            .withCoercionConfig(
                LogicalType.Textual,
                text ->
                    text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();
    mapper.getFactory().setCharacterEscapes(new GoEscapes());
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxTokenCount(MOST_TOKENS).build());
    return mapper;
  }

  /** So is what is left out, and so is what it contains. */
  private static void nullIsEmpty(MutableConfigOverride type) {
    type.setSetterInfo(JsonSetter.Value.construct(Nulls.AS_EMPTY, Nulls.AS_EMPTY));
  }

  /** Go also escapes what could end a script element in HTML. */
  private static final class GoEscapes extends CharacterEscapes {
    private static final long serialVersionUID = 1;

    private final int[] ascii = standardAsciiEscapesForJSON();

    GoEscapes() {
      ascii['<'] = ESCAPE_CUSTOM;
      ascii['>'] = ESCAPE_CUSTOM;
      ascii['&'] = ESCAPE_CUSTOM;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ascii;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int ch) {
      return switch (ch) {
        case '<', '>', '&', 0x2028, 0x2029 -> new SerializedString("\\u%04x".formatted(ch));
        default -> null;
      };
    }
  }
}
