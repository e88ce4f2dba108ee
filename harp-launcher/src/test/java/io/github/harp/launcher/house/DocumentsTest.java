// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.launcher.config.environment.Variable;
import io.github.harp.operations.outside.ReverseProxyLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents that say something checkable are checked. */
class DocumentsTest {

  private static final Pattern LINK = Pattern.compile("\\[[^\\]\\[]*]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\n]*`");
  private static final Pattern EXAMPLE =
      Pattern.compile("(?s)<!-- (\\S+\\.java) -->\n```java\n(.*?)```\n");
  private static final Pattern NAMED_TEST =
      Pattern.compile("(?:-Dtest=|`)([A-Z]\\w*(?:Test|IT))\\b");
  private static final Pattern ADMIN_PATH =
      Pattern.compile("router(?:\\.(?:get|delete)\\(|, )\"(/[^\"]+)\"");
  private static final Pattern PROXY_LINES =
      Pattern.compile("(?s)```(?:nginx|caddy|apache|haproxy|yaml)\n(.*?)```");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `((?:HP|NC)_[A-Z0-9_]+)` \\| (?:`([^`|]*)`)? ?\\| \\S.* \\|$");

  @Test
  void everyLinkInADocumentLeadsSomewhere() {
    var broken = new ArrayList<String>();
    for (var document : Repository.filesEndingWith(".md")) {
      var links = LINK.matcher(CODE.matcher(Repository.read(document)).replaceAll(""));
      while (links.find()) {
        if (!leadsSomewhere(document, links.group(1))) {
          broken.add(Repository.root().relativize(document) + " -> " + links.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void theConfigurationDocumentAndTheCodeAgreeOnVariablesAndDefaults() {
    var documented = new TreeMap<String, String>();
    var rows = ROW.matcher(Repository.read(Repository.root().resolve("docs/configuration.md")));
    while (rows.find()) {
      var before = documented.put(rows.group(1), rows.group(2) == null ? "" : rows.group(2));
      assertThat(before).as("a second row of " + rows.group(1)).isNull();
    }

    assertThat(documented)
        .isEqualTo(
            Arrays.stream(Variable.values())
                .collect(Collectors.toMap(Enum::name, Variable::defaultValue)));
  }

  @Test
  void examplesInDocumentsAreFilesThatAreCompiled() {
    var examples = 0;
    for (var document : Repository.filesEndingWith(".md")) {
      var example = EXAMPLE.matcher(Repository.read(document));
      while (example.find()) {
        examples++;
        assertThat(Repository.read(Repository.root().resolve(example.group(1))))
            .endsWith("\n" + example.group(2));
      }
    }
    assertThat(examples).isPositive();
  }

  /** F16: what doctor prints is what documents show, and what the tests of the proxies run. */
  @Test
  void linesForReverseProxiesAreTheSameEverywhere() {
    var all =
        Arrays.stream(ReverseProxyLines.values())
            .flatMap(lines -> Stream.of(lines.text(), lines.text("harp:8780", "/nextcloud")))
            .toList();

    assertThat(linesIn("docs/reverse-proxies.md"))
        .containsAll(all)
        .allSatisfy(block -> assertThat(all).contains(block));
  }

  /** But for those that let tunnels in, which doctor does not print. */
  private static List<String> linesIn(String document) {
    return PROXY_LINES
        .matcher(Repository.read(Repository.root().resolve(document)))
        .results()
        .map(block -> block.group(1))
        .filter(block -> !block.contains("/~!frp"))
        .toList();
  }

  /** F21: somebody types what a document says. */
  @Test
  void everyTestThatADocumentNamesExists() {
    var tests =
        Repository.filesEndingWith(".java").stream()
            .map(file -> file.getFileName().toString().replace(".java", ""))
            .toList();
    var named = new ArrayList<String>();
    for (var document : Repository.filesEndingWith(".md")) {
      NAMED_TEST.matcher(Repository.read(document)).results().forEach(it -> named.add(it.group(1)));
    }

    assertThat(named)
        .contains("ForwardingTest")
        .allSatisfy(name -> assertThat(tests).contains(name));
  }

  /** F21: the admin end-point's paths. */
  @Test
  void operationsListEveryPathOfTheAdminEndpoint() {
    var endpoint =
        Repository.filesEndingWith(".java").stream()
            .filter(file -> file.endsWith("AdminEndpoint.java") || file.endsWith("PageRoutes.java"))
            .map(Repository::read)
            .collect(Collectors.joining());
    var paths =
        ADMIN_PATH
            .matcher(endpoint)
            .results()
            .map(path -> path.group(1).replaceFirst("/:.*", "/"))
            .toList();

    assertThat(paths).contains("/ready", "/doctor");
    assertThat(Repository.read(Repository.root().resolve("docs/operations.md"))).contains(paths);
  }

  @Test
  void everySourceFileNamesItsLicence() {
    var sources = new ArrayList<Path>();
    sources.addAll(Repository.filesEndingWith(".java"));
    sources.addAll(Repository.filesEndingWith(".go"));

    assertThat(sources)
        .allSatisfy(
            source ->
                assertThat(Repository.read(source))
                    .startsWith("// SPDX-License-Identifier: Apache-2.0\n"));
  }

  @Test
  void nothingIsLeftForLater() {
    var unfinished = Pattern.compile("\\b(TODO|FIXME|XXX)\\b|@Disabled\\b");
    var here = Path.of(DocumentsTest.class.getSimpleName() + ".java");

    assertThat(Repository.filesEndingWith(".java"))
        .filteredOn(source -> !source.endsWith(here))
        .filteredOn(source -> unfinished.matcher(Repository.read(source)).find())
        .isEmpty();
  }

  private static boolean leadsSomewhere(Path document, String link) {
    if (link.matches("[a-z]+:.*")) {
      return true;
    }
    var parts = link.split("#", 2);
    var target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]).normalize();
    return Files.exists(target)
        && (parts.length == 1 || anchors(Repository.read(target)).contains(parts[1]));
  }

  /** The names that Git hosts give to headings. */
  private static List<String> anchors(String markdown) {
    return HEADING
        .matcher(markdown)
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(text -> text.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }
}
