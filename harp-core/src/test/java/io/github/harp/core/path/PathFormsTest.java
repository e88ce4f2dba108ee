// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathFormsTest {

  @ParameterizedTest
  @CsvSource({
    "/%61dmin, /admin, /admin",
    "/a%2Fb, /a%2Fb, /a/b",
    "//a///b/, /a/b/, /a/b/",
    "/./a/./b/., /a/b/, /a/b/",
    "/a%20b, /a%20b, /a b",
    "/a;x=1/b;y, /a;x=1/b;y, /a/b",
    "/a\\b, /a\\b, /a/b",
    "/%5cb, /%5cb, /b",
    "/%2e/a, /a, /a",
    "/%, /%, /%",
    "/%4, /%4, /%4",
    "/%zz, /%zz, /%zz",
    "/%2541, /%2541, /%41",
    "/caf%C3%A9, /caf%C3%A9, /café",
    "/%7Eme, /~me, /~me",
  })
  void knowsTheOtherSpellings(String raw, String canonical, String decoded) {
    var forms = PathForms.of(raw);

    assertThat(forms.raw()).isEqualTo(raw);
    assertThat(forms.canonical()).isEqualTo(canonical);
    assertThat(forms.decoded()).isEqualTo(decoded);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/a", "/a/b/", "/a.b/c..d", "/a-b_c~d!$&'()*+,=:@", "/a/.."})
  void aPlainPathIsItsOnlySpelling(String path) {
    assertThat(PathForms.of(path).decoded()).isEqualTo(path);
  }

  @Test
  void aPlainPathIsNotCopied() {
    assertThat(PathForms.of("/api/v1/items").isPlain()).isTrue();
    assertThat(PathForms.of("/.well-known/x").isPlain()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "/a/b/, /a/b",
    "/a/b//, /a/b",
    "/Admin, /admin",
    "/Admin/, /Admin|/admin/|/admin",
    "/a%20, /a",
    "/a%E2%80%A8, /a",
    "/a, ''",
    "/, ''",
  })
  @DisplayName("S3: knows what servers that don't mind case and slashes take for the same")
  void s3_knowsWhatIsToleratedForTheSame(String raw, String tolerated) {
    var expected = tolerated.isEmpty() ? List.<String>of() : List.of(tolerated.split("\\|"));

    var forms = PathForms.of(raw);

    assertThat(forms.tolerated()).containsAll(expected);
    assertThat(forms.isPlain()).isEqualTo(expected.isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "//host/Admin/x, /Admin/x|/admin/x",
    "///host:80/a%62, /a%62|/ab",
    "/\\host\\a, /a",
    "//host, /",
    "/a%3fb, /a",
    "/a%23b, /a",
    "//host/a%3fb, /a",
  })
  @DisplayName("S3: knows the paths that servers see which parse them as URLs")
  void s3_knowsPathsOfReferences(String raw, String seen) {
    assertThat(PathForms.of(raw).tolerated()).contains(seen.split("\\|"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//host/init",
        "///host/heartbeat",
        "/\\host/enabled/",
        "//host/%69nit",
        "//host//Init",
        "//host/%2569nit",
        "/%2fhost/init",
        "/%5c%5chost/init",
        "/init%3fx",
        "/init/%23",
        "//host/init%253f"
      })
  @DisplayName("S3: internal end-points are guarded from those who hide them behind a host")
  void s3_internalEndpointsOfReferences(String path) {
    assertThat(PathForms.of(path).isInternalEndpointAsUrl()).isTrue();
    assertThat(PathForms.of(path).isInternalEndpoint()).isFalse();
  }

  @Test
  void manySlashesAreReadOnce() {
    var path = "//a".repeat(10_000);

    assertThat(PathForms.of(path).isInternalEndpointAsUrl()).isFalse();
  }

  @Property(tries = 2_000)
  void tidyingTwiceChangesNothingMore(@ForAll("paths") String path) {
    var canonical = PathForms.of("/" + path).canonical();

    assertThat(PathForms.of(canonical).canonical()).startsWith("/");
    assertThat(canonical).doesNotContain("//").doesNotContain("/./");
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of("/", ".", "%2e", "%2f", "%61", "a", ";", "\\", "%", "%zz")
        .list()
        .ofMaxSize(10)
        .map(it -> String.join("", it));
  }
}
