// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import static io.github.harp.core.testing.FakeRequest.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.instance.SeveralInstances.Hosted;
import io.github.harp.core.testing.FakeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Several Nextclouds")
class SeveralInstancesTest extends InstancesContract {

  private final Instance two = instance("the-key-of-two");

  @Override
  Instances instances() {
    return served(/* withDefault= */ false);
  }

  private SeveralInstances served(boolean withDefault) {
    return new SeveralInstances(
        List.of(
            new Hosted(one, hosts("one.example", "192.0.2.1", "[2001:db8::1]"), withDefault),
            new Hosted(two, hosts("wölke.example"), false)),
        bans,
        time);
  }

  private static Set<HostName> hosts(String... names) {
    return Set.of(
        List.of(names).stream()
            .map(name -> HostName.parse(name).orElseThrow())
            .toArray(HostName[]::new));
  }

  private static FakeRequest asking(String host) {
    return get("/exapps/app/x").header("host", host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "one.example",
        "One.EXAMPLE",
        "one.example:8443",
        "one.example.",
        "one.example.:443",
        "one.example:",
        "192.0.2.1",
        "192.0.2.1:8780",
        "[2001:db8::1]",
        "[2001:DB8::1]:8780"
      })
  void aHostIsFoundHoweverItIsWritten(String host) {
    assertThat(served(false).of(asking(host))).isSameAs(one);
  }

  @Test
  void anInternationalNameIsAskedForInAscii() {
    assertThat(served(false).of(asking("xn--wlke-5qa.example"))).isSameAs(two);
    assertThat(served(false).of(asking("XN--WLKE-5QA.example:443"))).isSameAs(two);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        ":",
        ":443",
        "example",
        "one.example..",
        ".one.example",
        "one.example.evil.example",
        "evil.one.example",
        "one.example:443:443",
        "one.example:443x",
        "one.example:4430000",
        "one.example%00",
        "%6fne.example",
        "one.example,two.example",
        "one.example wölke.example",
        "wölke.example",
        "2001:db8::1",
        "[2001:db8::1",
        "[2001:db8::1]x",
        "[2001:db8::2]",
        "]one.example",
        "[one.example]",
        "one.e\u212aample"
      })
  void whatIsNoneOfTheHostsIsNobodys(String host) {
    assertThat(served(false).of(asking(host)).isNobody()).isTrue();
    assertThat(served(true).of(asking(host))).isSameAs(one);
  }

  @Test
  void aHostOfAnyLengthIsNobodys() {
    assertThat(served(false).of(asking("a".repeat(100_000))).isNobody()).isTrue();
  }

  @Test
  void withoutAHostItIsTheDefaultOnesOrNobodys() {
    assertThat(served(true).of(get("/exapps/app/x"))).isSameAs(one);
    assertThat(served(false).of(get("/exapps/app/x")).isNobody()).isTrue();
  }

  @Test
  void whatProxiesSayOfTheHostIsNotBelieved() {
    var request =
        asking("one.example")
            .header("x-forwarded-host", "xn--wlke-5qa.example")
            .header("forwarded", "host=xn--wlke-5qa.example");

    assertThat(served(false).of(request)).isSameAs(one);
  }

  @Test
  void aKeyGoesBeforeTheHost() {
    var request = asking("one.example").key("the-key-of-two");

    assertThat(served(true).of(request)).isSameAs(two);
  }

  @Test
  void aKeyThatIsNobodysDoesNotMatter() {
    assertThat(served(true).of(asking("xn--wlke-5qa.example").key("guess"))).isSameAs(two);
    assertThat(served(false).of(asking("three.example").key("guess")).isNobody()).isTrue();
  }

  @Test
  void nobodyHasNoKeyThatCouldBeGuessedAndIsServedNothing() {
    var nobody = served(false).of(asking("three.example"));

    assertThat(nobody.key().reveal()).isNotEqualTo(served(false).of(asking("")).key().reveal());
    assertThat(served(false).all()).containsExactly(one, two);
  }

  @Test
  void whoComesAndGoesIsTold() {
    var three = instance("the-key-of-three");
    var served = served(false);
    var told = new ArrayList<Instances.Change>();
    var watch = served.watch(told::add);

    served.serve(
        List.of(
            new Hosted(one, hosts("other.example"), false),
            new Hosted(three, hosts("one.example"), false)));

    assertThat(told)
        .containsExactly(new Instances.Change(three, true), new Instances.Change(two, false));
    assertThat(served.all()).containsExactly(one, three);
    assertThat(served.of(asking("one.example"))).isSameAs(three);
    assertThat(served.of(asking("other.example"))).isSameAs(one);
    assertThat(served.of(asking("xn--wlke-5qa.example").key("the-key-of-two")).isNobody()).isTrue();

    watch.close();
    served.serve(List.of());
    assertThat(told).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "https://one.example",
        "one.example/",
        "one.example:443",
        "one..example",
        "-one.example",
        "one.example-",
        "one example",
        "*.example",
        "2001:db8::1",
        "[one]",
        "[]"
      })
  void whatIsNoHostCantBeGivenToOne(String text) {
    assertThat(HostName.parse(text)).isEmpty();
  }

  @Test
  void aHostIsGivenAsItStandsInTheAddressBar() {
    assertThat(HostName.parse("Cloud.Example.COM.")).contains(new HostName("cloud.example.com"));
    assertThat(HostName.parse("harp_1")).contains(new HostName("harp_1"));
    assertThat(HostName.parse("a".repeat(254))).isEmpty();
  }
}
