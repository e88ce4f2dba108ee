// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.github.harp.core.access.GatekeeperOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URL;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** What {@code docs/architecture.md} says of modules and packages, held by the build. */
@AnalyzeClasses(
    packages = "io.github.harp",
    importOptions = {ImportOption.DoNotIncludeTests.class, HouseRulesTest.WithoutTestJars.class})
class HouseRulesTest {

  private static final String HARP = "io.github.harp.";

  /** The direction of dependencies: a module and those that it may use. */
  private static final Map<String, List<String>> MAY_USE =
      Map.of(
          "core", List.of(),
          "tunnel", List.of(),
          "proxy", List.of("core"),
          "docker", List.of("core"),
          "kubernetes", List.of("core"),
          "cluster", List.of("core"),
          "transfer", List.of("core", "tunnel"),
          "dialin", List.of("core", "tunnel", "proxy"),
          "operations", List.of("core", "tunnel", "proxy"),
          "launcher",
              List.of(
                  "core",
                  "tunnel",
                  "proxy",
                  "docker",
                  "kubernetes",
                  "cluster",
                  "transfer",
                  "dialin",
                  "operations"));

  /** The packages that are a module's interface; all others are its own business. */
  private static final List<String> PUBLISHED =
      List.of(
          "core",
          "core.access",
          "core.address",
          "core.appapi",
          "core.ban",
          "core.decision",
          "core.instance",
          "core.key",
          "core.notice",
          "core.path",
          "core.records",
          "core.route",
          "core.runtime",
          "core.runtime.orders",
          "core.runtime.spec",
          "core.session",
          "core.tunnels",
          "core.upstream",
          "core.watch",
          "proxy",
          "proxy.control",
          "proxy.nextcloud",
          "proxy.question",
          "proxy.transport",
          "proxy.upstream",
          "docker",
          "kubernetes",
          "kubernetes.config",
          "cluster",
          "transfer",
          "dialin",
          "tunnel",
          "tunnel.client",
          "tunnel.config",
          "tunnel.link",
          "tunnel.pki",
          "tunnel.server",
          "tunnel.stun",
          "operations",
          "operations.admin",
          "operations.doctor",
          "operations.metrics",
          "operations.observe",
          "operations.tracing",
          "operations.traffic",
          "operations.outside");

  /** W28: whoever judges a secret takes as long for a wrong one, whatever is right about it. */
  @ArchTest
  static final ArchRule w28_secretsAreComparedInConstantTime =
      classes()
          .that()
          .haveNameMatching(".*\\.(SharedKey|Secret|HmacTunnelTokens|PrivilegeKey)")
          .should()
          .callMethod(MessageDigest.class, "isEqual", byte[].class, byte[].class)
          .andShould(neverCompareTexts());

  @ArchTest static final ArchRule coreUsesNoOtherModule = keepsDirection("core");

  @ArchTest static final ArchRule tunnelUsesNoOtherModule = keepsDirection("tunnel");

  @ArchTest static final ArchRule proxyUsesCoreOnly = keepsDirection("proxy");

  @ArchTest static final ArchRule dockerUsesCoreOnly = keepsDirection("docker");

  @ArchTest static final ArchRule kubernetesUsesCoreOnly = keepsDirection("kubernetes");

  @ArchTest static final ArchRule clusterUsesCoreOnly = keepsDirection("cluster");

  @ArchTest static final ArchRule transferUsesCoreAndTunnelOnly = keepsDirection("transfer");

  @ArchTest static final ArchRule dialinUsesCoreProxyAndTunnelOnly = keepsDirection("dialin");

  @ArchTest
  static final ArchRule operationsKnowNeitherDockerNorLauncher = keepsDirection("operations");

  @ArchTest
  static final ArchRule noModuleUsesAnothersInternals =
      classes().should(useOnlyPublishedPackagesOfOtherModules());

  @ArchTest
  static final ArchRule subPackagesHaveNoCycles =
      slices().matching(HARP + "(*).(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theTunnelNeedsNoVertx =
      noClasses()
          .that(in("tunnel"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule librariesBringNoLoggingBackEndAndNoCommandLine =
      noClasses()
          .that(not(in("launcher")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ch.qos.logback..", "picocli..", "java.util.logging..");

  @ArchTest
  static final ArchRule onlyHarpDockerKnowsDocker =
      noClasses()
          .that(not(in("docker")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.github.dockerjava..");

  @ArchTest
  static final ArchRule onlyHarpKubernetesKnowsKubernetes =
      noClasses()
          .that(not(in("kubernetes")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.fabric8..");

  @ArchTest
  static final ArchRule onlyHarpClusterKnowsRedis =
      noClasses()
          .that(not(in("cluster")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx.redis..");

  @ArchTest
  static final ArchRule coreHasNoSocketsOrFiles =
      noClasses()
          .that(in("core"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "io.vertx.core.http..");

  /** It interrupts a thread that it was given; it makes those for orders, and never sleeps. */
  @ArchTest
  static final ArchRule coreHasNoThreadsOfItsOwn =
      noClasses()
          .that(in("core"))
          .and()
          .doNotHaveSimpleName("Workers")
          .should()
          .callCodeUnitWhere(
              describe(
                  "it makes threads or stops one",
                  call ->
                      call.getTargetOwner().isAssignableTo(Thread.class)
                              && !List.of("currentThread", "interrupt", "interrupted")
                                  .contains(call.getTarget().getName())
                          || call.getTargetOwner().isEquivalentTo(Executors.class)
                          || call.getTargetOwner().isAssignableTo(Executor.class)
                              && call.getTarget().getName().equals("<init>")));

  /** But for what embedders get who name no options: there the system's is the default. */
  @ArchTest
  static final ArchRule coreHasNoClocksOfItsOwn =
      noClasses()
          .that(in("core").and(not(equivalentTo(GatekeeperOptions.class))))
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Ticker.class, "systemTicker")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Clock.class, "systemUTC");

  /** Those that bind, read a literal, or are what one gets without a rule of one's own. */
  private static final List<String> MAY_RESOLVE =
      List.of(
          HARP + "core.address.ListenAddress",
          HARP + "tunnel.server.TunnelServerOptions$Builder",
          HARP + "proxy.upstream.ResolverFile",
          HARP + "tunnel.client.dial.JvmNames");

  /** F2: whatever is connected to is found by {@code HostNames}, which forgets in seconds. */
  @ArchTest
  static final ArchRule namesAreResolvedInOnePlace =
      noClasses()
          .that(not(describe("may resolve", type -> MAY_RESOLVE.contains(type.getName()))))
          .should()
          .callMethod(InetAddress.class, "getByName", String.class)
          .orShould()
          .callMethod(InetAddress.class, "getAllByName", String.class)
          .orShould()
          .callConstructor(InetSocketAddress.class, String.class, int.class)
          .orShould()
          .callConstructor(Socket.class, String.class, int.class)
          .orShould()
          .callMethod(URL.class, "openConnection")
          .orShould()
          .callMethod(URL.class, "openConnection", Proxy.class)
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage("java.net.http..");

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      noClasses()
          .should()
          .haveNameMatching(".*(Manager|Helper|Utils?|Impl)")
          .because("a real noun exists for everything");

  @ArchTest
  static final ArchRule noStaticMutableState = fields().that().areStatic().should().beFinal();

  @ArchTest
  static void noNameStandsForTwoThings(JavaClasses all) {
    var names =
        all.stream()
            .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
            .collect(Collectors.groupingBy(JavaClass::getSimpleName));
    assertThat(names.values()).allSatisfy(types -> assertThat(types).hasSize(1));
  }

  @ArchTest
  static void aPackageHasTwelveFilesAtMost(JavaClasses all) {
    var sizes =
        all.stream()
            .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
            .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
    assertThat(sizes).allSatisfy((name, files) -> assertThat(files).isLessThanOrEqualTo(12));
  }

  @Test
  void aFileOfMainCodeHas350LinesAtMost() {
    var main = Path.of("src", "main");
    var sizes =
        Repository.filesEndingWith(".java").stream()
            .filter(file -> file.toString().contains(main.toString()))
            .collect(toMap(file -> file, file -> Repository.read(file).lines().count()));
    assertThat(sizes)
        .isNotEmpty()
        .allSatisfy((file, lines) -> assertThat(lines).isLessThanOrEqualTo(350));
  }

  @ArchTest
  static void everyPackageIsNullMarked(JavaClasses all) {
    var unmarked =
        all.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(each -> !each.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .toList();
    assertThat(unmarked).isEmpty();
  }

  private static ArchRule keepsDirection(String module) {
    var others =
        MAY_USE.keySet().stream()
            .filter(other -> !other.equals(module) && !MAY_USE.get(module).contains(other))
            .map(other -> HARP + other + "..")
            .toArray(String[]::new);
    return noClasses()
        .that(in(module))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> in(String module) {
    return resideInAPackage(HARP + module + "..");
  }

  private static ArchCondition<JavaClass> useOnlyPublishedPackagesOfOtherModules() {
    return new ArchCondition<>("use only published packages of other modules") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        for (var dependency : user.getDirectDependenciesFromSelf()) {
          var used = dependency.getTargetClass().getBaseComponentType();
          if (isOurs(used) && !moduleOf(used).equals(moduleOf(user)) && !isPublished(used)) {
            events.add(SimpleConditionEvent.violated(user, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().startsWith(HARP);
  }

  private static String moduleOf(JavaClass type) {
    return type.getPackageName().substring(HARP.length()).split("\\.")[0];
  }

  private static boolean isPublished(JavaClass type) {
    return PUBLISHED.stream().anyMatch(name -> resideInAPackage(HARP + name).test(type));
  }

  /** Leaves out other modules' tests, which stand on the class path as JARs. */
  static final class WithoutTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static ArchCondition<JavaClass> neverCompareTexts() {
    return new ArchCondition<>("never compare texts or arrays themselves") {
      @Override
      public void check(JavaClass judge, ConditionEvents events) {
        judge.getMethodCallsFromSelf().stream()
            .filter(call -> call.getTarget().getName().matches("equals|contentEquals|compareTo"))
            .filter(
                call ->
                    call.getTargetOwner().isEquivalentTo(String.class)
                        || call.getTargetOwner().isEquivalentTo(Arrays.class))
            .forEach(
                call -> events.add(SimpleConditionEvent.violated(judge, call.getDescription())));
      }
    };
  }
}
