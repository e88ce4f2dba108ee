// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;

/** About what things take on the heap, on both sides together, in bytes. */
public final class Footprint {

  /** A request under way, without its head. */
  public static final int REQUEST = 8 * 1024;

  /** An upgraded connection. */
  public static final int UPGRADE = 4 * 1024;

  /** A header, beside its characters. */
  public static final int HEADER = 120;

  private Footprint() {}

  public static int ofHead(HttpRequest request) {
    return request.uri().length() + ofHeaders(request.headers());
  }

  public static int ofHeaders(HttpHeaders headers) {
    int bytes = 0;
    for (var all = headers.iteratorCharSequence(); all.hasNext(); ) {
      var header = all.next();
      bytes += HEADER + header.getKey().length() + header.getValue().length();
    }
    return bytes;
  }
}
