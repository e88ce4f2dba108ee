// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Netty's encoder, told when a response answers HEAD and so has no body. */
final class Http1ResponseEncoder extends HttpResponseEncoder {

  private boolean answersHead;

  void answersHead(boolean value) {
    answersHead = value;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return answersHead
        || response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)
        || super.isContentAlwaysEmpty(response);
  }

  @Override
  protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean isAlwaysEmpty) {
    if (!response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
      super.sanitizeHeadersBeforeEncode(response, isAlwaysEmpty);
    }
  }
}
