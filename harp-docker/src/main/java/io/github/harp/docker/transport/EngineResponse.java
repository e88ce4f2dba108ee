// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.github.harp.core.notice.Tracing;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An answer as docker-java wants it. */
record EngineResponse(int status, HttpHeaders headers, AnswerBody body, Tracing.Step step)
    implements Response {

  @Override
  public int getStatusCode() {
    return status;
  }

  @Override
  public Map<String, List<String>> getHeaders() {
    var copy = new LinkedHashMap<String, List<String>>();
    headers.names().forEach(header -> copy.put(header, headers.getAll(header)));
    return copy;
  }

  @Override
  public InputStream getBody() {
    return body;
  }

  @Override
  public void close() {
    body.close();
    step.end();
  }
}
