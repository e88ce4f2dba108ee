// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.RequestHead;
import io.github.harp.core.RequestHeadContract;
import io.github.harp.core.testing.FakeRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NettyRequestHeadTest extends RequestHeadContract {

  private final HttpHeaders sent = new DefaultHttpHeaders();
  private final NettyRequestHead head =
      new NettyRequestHead(
          "GET", "/a%2Fb;c", "x=%3F&y", sent, FakeRequest.address(FakeRequest.STRANGER));

  @Override
  protected RequestHead request(List<Map.Entry<String, String>> headers) {
    sent.clear();
    headers.forEach(line -> sent.add(line.getKey(), line.getValue()));
    return head;
  }

  @Test
  void aDetachedOneStaysAsItWas() {
    sent.add("cookie", "a=1");
    var detached = head.detached();

    sent.clear();

    assertThat(detached.header("cookie")).isEqualTo("a=1");
    assertThat(head.header("cookie")).isNull();
  }
}
