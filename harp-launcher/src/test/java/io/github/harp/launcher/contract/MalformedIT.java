// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not HTTP is refused, and never reaches an ExApp in another shape. */
@ExtendWith(Stage.OnStage.class)
class MalformedIT {

  private final Stage stage;

  MalformedIT(Stage stage) {
    this.stage = stage;
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        head("both lengths", "POST @ HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked"),
        head("two lengths", "POST @ HTTP/1.1", "Content-Length: 5", "Content-Length: 6"),
        head("a list of lengths", "POST @ HTTP/1.1", "Content-Length: 5, 6"),
        head("a signed length", "POST @ HTTP/1.1", "Content-Length: +5"),
        head("a negative length", "POST @ HTTP/1.1", "Content-Length: -1"),
        head("a hexadecimal length", "POST @ HTTP/1.1", "Content-Length: 0x5"),
        head("a huge length", "POST @ HTTP/1.1", "Content-Length: 99999999999999999999"),
        head("an unknown coding", "POST @ HTTP/1.1", "Transfer-Encoding: xchunked"),
        head("a coding before chunked", "POST @ HTTP/1.1", "Transfer-Encoding: gzip, chunked"),
        head("chunked twice", "POST @ HTTP/1.1", "Transfer-Encoding: chunked, chunked"),
        head("chunked in HTTP/1.0", "POST @ HTTP/1.0", "Transfer-Encoding: chunked"),
        head("a blank before the colon", "GET @ HTTP/1.1", "X-A : b"),
        head("a folded line", "GET @ HTTP/1.1", "X-A: b\r\n c"),
        head("a line without a colon", "GET @ HTTP/1.1", "nonsense"),
        head("an empty name", "GET @ HTTP/1.1", ": b"),
        head("NUL in a value", "GET @ HTTP/1.1", "X-A: b\0c"),
        head("a bare CR in a value", "GET @ HTTP/1.1", "X-A: b\rc: d"),
        head("NUL in the target", "GET @\0 HTTP/1.1"),
        head("a tab as separator", "GET\t@ HTTP/1.1"),
        head("a blank in the target", "GET @ x HTTP/1.1"),
        head("an unknown version", "GET @ HTTP/3.0"),
        head("no version", "GET @"),
        head("two hosts", "GET @ HTTP/1.1", "Host: other.example.com"),
        head("a method that is none", "G(T @ HTTP/1.1"),
        head("a huge head", "GET @ HTTP/1.1", "X-A: " + "b".repeat(100 * 1024)),
        head("too many lines", "GET @ HTTP/1.1", "X: y\r\n".repeat(20_000) + "X: z"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void isRefusedBeforeAnythingElse(String name, String lines) {
    var app = stage.newExApp(route(".*", 0));
    var target = "/exapps/" + app + "/malformed-" + app;

    try (var wire = new Wire(stage.port)) {
      wire.send(
          lines.replace("@", target)
              + "\r\n\r\n0\r\n\r\nGET "
              + target
              + "-smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(wire.read(10)).isIn("HTTP/1.1 4", "HTTP/1.0 4", "HTTP/1.1 5");
    }
    assertThat(stage.exApp.requests("-" + app)).isEmpty();
  }

  @ParameterizedTest(name = "chunk {0}")
  @ValueSource(strings = {"xyz", "-1", "100000005", "ffffffffffffffffff", "5 5", "0x5", ""})
  void aChunkSizeThatIsNoneEndsTheRequest(String size) {
    var app = stage.newExApp(route(".*", 0));
    var target = "/exapps/" + app + "/chunk-" + app;

    try (var wire = new Wire(stage.port)) {
      wire.send(
          "POST "
              + target
              + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
              + size
              + "\r\nhello\r\n0\r\n\r\nGET "
              + target
              + "-smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
      wire.read(100_000);
    }
    assertThat(stage.exApp.requests(target.substring(target.lastIndexOf('/')) + "-smuggled"))
        .isEmpty();
    assertThat(stage.exApp.requests("/chunk-" + app)).allMatch(request -> request.text().isEmpty());
  }

  @Test
  void aHeadOfThirtyKibibytesIsFine() {
    var app = stage.newExApp(route(".*", 0));

    assertThat(stage.get("/exapps/" + app + "/x", "X-A: " + "b".repeat(30 * 1024)).status())
        .isEqualTo(200);
  }

  private static Arguments head(String name, String requestLine, String... headers) {
    return Arguments.of(
        name,
        requestLine
            + "\r\nHost: a"
            + Stream.of(headers).map(line -> "\r\n" + line).reduce("", String::concat));
  }
}
