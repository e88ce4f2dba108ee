// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of an HTTP request that decisions are made from. A view: nothing is copied, and it does
 * not change while the request is being decided, on whatever thread.
 */
public interface RequestHead {

  String method();

  /**
   * The path of the request target exactly as sent: not percent-decoded, without query, without the
   * host of an absolute-form target. Empty when the target has none ({@code OPTIONS *}).
   */
  String path();

  /** The query exactly as sent, without {@code ?}; empty without one. */
  String query();

  /**
   * The value of a header, trimmed; of several lines the last (AppAPI's proxy emits its genuine
   * value last). {@code null} without such a header, since this is asked several times for each
   * request.
   *
   * @param name in any case
   */
  @Nullable String header(CharSequence name);

  /** All lines of a header in order, trimmed; empty without one. */
  List<String> headers(CharSequence name);

  /** The names of all headers, as they were sent. */
  Set<String> headerNames();

  /** The other end of the TCP connection: a client, or a proxy in front of us. */
  InetAddress peer();
}
