// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderSpellingsTest {

  @Property
  void theSetHoldsWhatCgiReadsAsOneOfItsNames(
      @ForAll @CharRange(from = '!', to = '~') @StringLength(min = 9, max = 9) String name) {
    var variable = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");

    assertThat(AppApiHeaders.IDENTITY.contains(name)).isEqualTo(variable.equals("EX_APP_ID"));
  }

  @ParameterizedTest
  @DisplayName("S6, S17: every spelling of an identity header")
  @ValueSource(strings = {"ex_app_id", "EX.APP.ID", "Ex-App_Id", "ex~app!id", "x^origin|ip"})
  void aSpellingThatFoldsIsAnAlias(String name) {
    assertThat(AppApiHeaders.IDENTITY.contains(name)).isTrue();
    assertThat(AppApiHeaders.IDENTITY.containsAliasOf(name)).isTrue();
  }

  @Test
  void theNameItselfInAnyCaseIsNoAlias() {
    assertThat(AppApiHeaders.IDENTITY.contains("EX-APP-ID")).isTrue();
    assertThat(AppApiHeaders.IDENTITY.containsAliasOf("EX-APP-ID")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "exappid", "ex-app-idx", "ex-app-i", "ex--app-id", "x-app-id"})
  void anotherNameIsNeither(String name) {
    assertThat(AppApiHeaders.IDENTITY.contains(name)).isFalse();
    assertThat(AppApiHeaders.IDENTITY.containsAliasOf(name)).isFalse();
  }

  /** A header that is read here and forgotten in the set would be believed from strangers. */
  @Test
  void everyHeaderThatIsNamedIsInTheSet() throws Exception {
    var names =
        Arrays.stream(AppApiHeaders.class.getFields())
            .filter(field -> Modifier.isStatic(field.getModifiers()))
            .filter(field -> CharSequence.class.isAssignableFrom(field.getType()))
            .toList();

    assertThat(names).hasSizeGreaterThanOrEqualTo(9);
    for (var name : names) {
      assertThat(AppApiHeaders.IDENTITY.contains((CharSequence) name.get(null)))
          .as(name.getName())
          .isTrue();
    }
  }
}
