// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import io.github.harp.core.testing.FakeRequest;
import java.util.List;
import java.util.Map;

class FakeRequestTest extends RequestHeadContract {

  @Override
  protected RequestHead request(List<Map.Entry<String, String>> headers) {
    var request = FakeRequest.of("GET", "/a%2Fb;c?x=%3F&y");
    headers.forEach(line -> request.header(line.getKey(), line.getValue()));
    return request;
  }
}
