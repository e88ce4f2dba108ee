// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.core.DockerClientConfig;
import java.io.IOException;
import java.io.InputStream;

/**
 * JSON as engines answer it. What is made of a document may take a hundred times its bytes, so it
 * may have more tokens than any answer of an engine, and no more; a stream of documents, such as
 * that of a pull, as many as come. Nothing that is asked for here is {@code null}.
 */
final class EngineJson extends JsonFactory {

  private static final long serialVersionUID = 1L;

  /** A network has a hundred of them, a container a thousand. */
  static final int MOST_TOKENS = 50_000;

  static final ObjectMapper MAPPER =
      DockerClientConfig.getDefaultObjectMapper().copyWith(new EngineJson());

  private EngineJson() {}

  @Override
  public JsonParser createParser(InputStream in) throws IOException {
    return new Documents(super.createParser(in));
  }

  @Override
  public JsonParser createParser(String content) throws IOException {
    return new Documents(super.createParser(content));
  }

  private static final class Documents extends JsonParserDelegate {

    private int tokens;

    Documents(JsonParser parser) {
      super(parser);
    }

    @Override
    public JsonToken nextToken() throws IOException {
      boolean isDocument = delegate.getParsingContext().inRoot();
      tokens = isDocument ? 1 : tokens + 1;
      if (tokens > MOST_TOKENS) {
        throw new StreamConstraintsException(
            "more than " + MOST_TOKENS + " values and names, which no engine sends");
      }
      var token = delegate.nextToken();
      if (isDocument && token == JsonToken.VALUE_NULL) {
        throw new JsonParseException(delegate, "null in place of an answer");
      }
      return token;
    }
  }
}
