// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import static io.github.harp.core.testing.Gate.adminRoute;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.ExAppRoute;
import io.github.harp.core.route.RouteMatch.Found;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RouteTableTest {

  private static RouteTable table(ExAppRoute... routes) {
    return RouteTable.of(List.of(routes));
  }

  private static Found level(AccessLevel level) {
    return new Found(level, Set.of());
  }

  @Test
  void theFirstRouteThatMatchesDecides() {
    var table = table(userRoute("^/a"), publicRoute("^/a/b"), adminRoute(".*"));

    assertThat(table.match("/a/b")).isEqualTo(level(AccessLevel.USER));
    assertThat(table.match("/b")).isEqualTo(level(AccessLevel.ADMIN));
  }

  @Test
  void theOrderOfTheManifestCountsMoreThanTheLengthOfThePrefix() {
    var table = table(publicRoute("/long/pre.ix"), userRoute("/long/prefix/x"), adminRoute("/"));

    assertThat(table.match("/long/prefix/x")).isEqualTo(level(AccessLevel.PUBLIC));
  }

  @Test
  void nothingMatchesWithoutRoutes() {
    assertThat(RouteTable.empty().match("/")).isEqualTo(RouteMatch.NONE);
    assertThat(table(publicRoute("^/x$")).match("/y")).isEqualTo(RouteMatch.NONE);
  }

  @Test
  void whatIsNoPatternIsSkippedWithAReason() {
    var table = table(publicRoute("^/a(?i)"), userRoute("^/a"));

    assertThat(table.match("/a")).isEqualTo(level(AccessLevel.USER));
    assertThat(table.skipped())
        .singleElement()
        .asString()
        .contains("'^/a(?i)'")
        .contains("expected");
  }

  @Test
  void anUndecidedRouteRefusesOnlyWhatComesToIt() {
    var table = table(publicRoute("^/a$"), userRoute("^/(?!a*a*a*a*a*a*c)"), adminRoute(".*"));

    assertThat(table.match("/a")).isEqualTo(level(AccessLevel.PUBLIC));
    assertThat(table.match("/" + "a".repeat(5_000))).isEqualTo(RouteMatch.UNDECIDED);
    assertThat(table.match("x")).isEqualTo(level(AccessLevel.ADMIN));
  }

  @Test
  void whatIsNotAsciiIsSeenEncoded() {
    assertThat(table(publicRoute("^/caf%c3%a9$")).match("/café"))
        .isEqualTo(level(AccessLevel.PUBLIC));
    assertThat(table(publicRoute("^/a%0a$")).match("/a\n")).isEqualTo(level(AccessLevel.PUBLIC));
  }

  @Test
  void bothMustHoldMeansTheStricter() {
    var strict = new Found(AccessLevel.ADMIN, Set.of(401));
    var lax = new Found(AccessLevel.PUBLIC, Set.of(403));

    assertThat(lax.and(strict)).isEqualTo(new Found(AccessLevel.ADMIN, Set.of(401, 403)));
    assertThat(strict.and(RouteMatch.NONE)).isEqualTo(RouteMatch.NONE);
    assertThat(RouteMatch.NONE.and(strict)).isEqualTo(RouteMatch.NONE);
    assertThat(strict.and(RouteMatch.UNDECIDED)).isEqualTo(RouteMatch.UNDECIDED);
    assertThat(RouteMatch.NONE.and(RouteMatch.UNDECIDED)).isEqualTo(RouteMatch.UNDECIDED);
  }

  @Test
  void tablesAreEqualWhenTheirRoutesAre() {
    assertThat(table(publicRoute("/a")))
        .isEqualTo(table(publicRoute("/a")))
        .hasSameHashCodeAs(table(publicRoute("/a")));
    assertThat(table(publicRoute("/a"))).isNotEqualTo(table(userRoute("/a")));
  }

  @Property(tries = 1_000)
  void findsWhatTryingOneAfterTheOtherFinds(
      @ForAll("patterns") @Size(max = 12) List<String> patterns, @ForAll("paths") String path) {
    var routes =
        IntStream.range(0, patterns.size())
            .mapToObj(it -> new ExAppRoute(patterns.get(it), AccessLevel.USER, Set.of(it)))
            .toList();
    var expected =
        IntStream.range(0, patterns.size())
            .filter(it -> Pattern.compile(patterns.get(it)).matcher(path).lookingAt())
            .mapToObj(it -> (RouteMatch) new Found(AccessLevel.USER, Set.of(it)))
            .findFirst()
            .orElse(RouteMatch.NONE);

    assertThat(RouteTable.of(routes).match(path)).isEqualTo(expected);
  }

  @Provide
  Arbitrary<List<String>> patterns() {
    return Arbitraries.of("^", "/", "a", "b", "[ab]", ".*", "a?", "(?:a|b)", "/a/b", "ab$", "(?!b)")
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(it -> String.join("", it))
        .list();
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.strings().withChars("/ab").ofMinLength(1).ofMaxLength(6);
  }
}
