// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import static io.github.harp.core.route.RouteTrials.NONE;
import static io.github.harp.core.testing.Gate.adminRoute;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.path.PathForms;
import io.github.harp.core.route.RouteMatch.Found;
import io.github.harp.core.route.python.StepBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

    assertThat(table.match("/a/b", aRequests(), NONE)).isEqualTo(level(AccessLevel.USER));
    assertThat(table.match("/b", aRequests(), NONE)).isEqualTo(level(AccessLevel.ADMIN));
  }

  @Test
  void theOrderOfTheManifestCountsMoreThanTheLengthOfThePrefix() {
    var table = table(publicRoute("/long/pre.ix"), userRoute("/long/prefix/x"), adminRoute("/"));

    assertThat(table.match("/long/prefix/x", aRequests(), NONE))
        .isEqualTo(level(AccessLevel.PUBLIC));
  }

  @Test
  void nothingMatchesWithoutRoutes() {
    assertThat(RouteTable.empty().match("/", aRequests(), NONE)).isEqualTo(RouteMatch.NONE);
    assertThat(table(publicRoute("^/x$")).match("/y", aRequests(), NONE))
        .isEqualTo(RouteMatch.NONE);
  }

  @Test
  void whatIsNoPatternIsSkippedWithAReason() {
    var table = table(publicRoute("^/a(?i)"), userRoute("^/a"));

    assertThat(table.match("/a", aRequests(), NONE)).isEqualTo(level(AccessLevel.USER));
    assertThat(table.skipped())
        .singleElement()
        .asString()
        .contains("'^/a(?i)'")
        .contains("expected");
  }

  @Test
  void anUndecidedRouteRefusesOnlyWhatComesToIt() {
    var table = table(publicRoute("^/a$"), userRoute("^/(?!a*a*a*a*a*a*c)"), adminRoute(".*"));

    assertThat(table.match("/a", aRequests(), NONE)).isEqualTo(level(AccessLevel.PUBLIC));
    assertThat(table.match("/" + "a".repeat(40), aRequests(), NONE))
        .isEqualTo(RouteMatch.UNDECIDED);
    assertThat(table.match("x", aRequests(), NONE)).isEqualTo(level(AccessLevel.ADMIN));
  }

  private static StepBudget aRequests() {
    return new StepBudget(StepBudget.OF_A_REQUEST);
  }

  private static RouteTable thousand(IntFunction<String> pattern) {
    return RouteTable.of(
        IntStream.range(0, 1_000)
            .mapToObj(it -> new ExAppRoute(pattern.apply(it), AccessLevel.USER, Set.of(it)))
            .toList());
  }

  private static final String LONGEST_PATH = "/ab/cde".repeat(9_000);

  private static Stream<RouteTable> tablesThatCostMuch() {
    return Stream.of(
        thousand(it -> "^/.*[x-z]{" + (1 + it % 9) + "}$"),
        thousand(it -> "^/(?:.?){" + (20 + it % 30) + "}!|[^!]*#"),
        thousand(it -> ".*!" + it + "[0-9]"),
        thousand(it -> "(?:a|b|/|.)*!?[x-z]"),
        thousand(it -> "^/(?!admin)[^!]*[x-z]$"));
  }

  @ParameterizedTest
  @MethodSource("tablesThatCostMuch")
  @DisplayName(
      "S7: a thousand patterns and the longest path are decided within one budget of steps")
  void s7_aThousandPatternsAreDecidedWithinOneBudget(RouteTable table) {
    var budget = aRequests();

    assertThat(table.match(PathForms.of(LONGEST_PATH), budget, NONE))
        .isEqualTo(RouteMatch.UNDECIDED);

    assertNothingIsLeft(budget);
  }

  @Test
  @DisplayName("S7: all spellings of a path share one budget")
  void s7_allSpellingsShareOneBudget() {
    var table = RouteTable.of(thousand(it -> "^/.*[x-z]$").routes().subList(0, 10));
    var budget = aRequests();

    assertThat(table.match("/ab/cde".repeat(1_000), aRequests(), NONE)).isEqualTo(RouteMatch.NONE);
    assertThat(table.match(PathForms.of("/Ab/Cde".repeat(1_000) + "/"), budget, NONE))
        .isEqualTo(RouteMatch.UNDECIDED);
    assertNothingIsLeft(budget);
  }

  private static void assertNothingIsLeft(StepBudget budget) {
    assertThat(table(publicRoute("/(a|b)*[x-z]")).match("/ax", budget, NONE))
        .isEqualTo(RouteMatch.UNDECIDED);
  }

  @Test
  @DisplayName("S7: a thousand honest patterns cost a path next to nothing")
  void s7_honestPatternsCostNextToNothing() {
    var table = thousand(it -> "^/api/v" + it + "/[^/]+/items$");
    var path = PathForms.of("/api/v999/Me/items");

    assertThat(table.match(path, new StepBudget(1_000), NONE))
        .isEqualTo(new Found(AccessLevel.USER, Set.of(999)));
    assertThat(table.match(path, new StepBudget(0), NONE)).isEqualTo(RouteMatch.UNDECIDED);
  }

  @Test
  @DisplayName("S7: a path is compared with a few hundred routes at most")
  void s7_aPathIsComparedWithAFewHundredRoutesAtMost() {
    var first = thousand(it -> it == 399 ? "/x" : "/x[y-z]");
    var later = thousand(it -> it == 400 ? "/x" : "/x[y-z]");

    assertThat(first.match("/x", aRequests(), NONE))
        .isEqualTo(new Found(AccessLevel.USER, Set.of(399)));
    assertThat(later.match("/x", aRequests(), NONE)).isEqualTo(RouteMatch.UNDECIDED);
  }

  @Test
  @DisplayName("S7: what comes after a thousand routes is not read, and nothing is open by that")
  void s7_whatComesAfterAThousandRoutesIsNotRead() {
    var routes = new ArrayList<>(thousand(it -> "/a" + it + "$").routes());
    routes.add(publicRoute("/b"));
    var table = RouteTable.of(routes);

    assertThat(table.match("/a999", aRequests(), NONE))
        .isEqualTo(new Found(AccessLevel.USER, Set.of(999)));
    assertThat(table.match("/b", aRequests(), NONE)).isEqualTo(RouteMatch.UNDECIDED);
    assertThat(table.skipped()).singleElement().asString().contains("1001 routes", "first 1000");
  }

  @Test
  void whatIsNotAsciiIsSeenEncoded() {
    assertThat(table(publicRoute("^/caf%c3%a9$")).match("/café", aRequests(), NONE))
        .isEqualTo(level(AccessLevel.PUBLIC));
    assertThat(table(publicRoute("^/a%0a$")).match("/a\n", aRequests(), NONE))
        .isEqualTo(level(AccessLevel.PUBLIC));
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

    assertThat(RouteTable.of(routes).match(path, aRequests(), NONE)).isEqualTo(expected);
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
