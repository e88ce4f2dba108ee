// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException;
import io.github.harp.core.testing.Wait;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What whoever finds hosts by their names promises. */
public abstract class HostNamesContract {

  /** The ones under test. */
  protected abstract HostNames names();

  /** From now on this is the address of a name. */
  protected abstract void name(String name, String address);

  protected final List<String> resolve(String name) {
    return Wait.resultOf(names().resolve(name)).stream().map(InetAddress::getHostAddress).toList();
  }

  @Test
  void aNameIsFoundInAnyCase() {
    name("app", "10.0.0.2");

    assertThat(resolve("app")).containsExactly("10.0.0.2");
    assertThat(resolve("APP")).containsExactly("10.0.0.2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.7", "2001:db8:0:0:0:0:0:7"})
  void anAddressInPlaceOfANameIsItsOwn(String address) {
    assertThat(resolve(address)).containsExactly(address);
  }

  @Test
  void aNameWithoutAnAddressFailsInWords() {
    assertThat(Wait.failureOf(names().resolve("nobody")))
        .isInstanceOfSatisfying(
            HarpException.class,
            failure -> assertThat(failure.code()).isEqualTo(HarpException.Code.UNREACHABLE))
        .hasMessageContaining("'nobody'");
  }

  @Test
  void whatIsForgottenIsAskedForAgainAtOnce() {
    name("app", "10.0.0.2");
    assertThat(resolve("app")).containsExactly("10.0.0.2");
    name("app", "10.0.0.3");

    names().forget("APP");

    assertThat(resolve("app")).containsExactly("10.0.0.3");
  }
}
