// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.netty.util.AsciiString;

/** The headers that decisions are made from; cached hashes make looking them up cheap. */
final class HeaderNames {
  static final AsciiString HARP_SHARED_KEY = AsciiString.cached("harp-shared-key");
  static final AsciiString DOCKER_ENGINE_PORT = AsciiString.cached("docker-engine-port");
  static final AsciiString EX_APP_ID = AsciiString.cached("ex-app-id");
  static final AsciiString EX_APP_VERSION = AsciiString.cached("ex-app-version");
  static final AsciiString EX_APP_HOST = AsciiString.cached("ex-app-host");
  static final AsciiString EX_APP_PORT = AsciiString.cached("ex-app-port");
  static final AsciiString AUTHORIZATION_APP_API = AsciiString.cached("authorization-app-api");

  private HeaderNames() {}
}
