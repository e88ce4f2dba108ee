// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException;
import java.net.BindException;
import java.nio.channels.UnresolvedAddressException;
import org.junit.jupiter.api.Test;

class ListenFailureTest {

  @Test
  void saysWhoHasThePortAndHowToFindOut() {
    var inUse = new BindException("bind(..) failed with error(-98): Address already in use");

    assertThat(ListenFailure.explain(inUse))
        .startsWith("the port is in use by another program ('ss -ltnp'");
    assertThat(ListenFailure.explain(wrapped("can't listen on 0.0.0.0:8780", inUse)))
        .startsWith("can't listen on 0.0.0.0:8780: the port is in use by another program");
  }

  @Test
  void tellsAForeignAddressFromAMissingPrivilege() {
    assertThat(ListenFailure.explain(new BindException("Cannot assign requested address")))
        .contains("this host has no such address", "'ip address'");
    assertThat(ListenFailure.explain(new BindException("Permission denied")))
        .contains("1024", "CAP_NET_BIND_SERVICE");
  }

  @Test
  void aNameThatDoesNotResolveHasNoMessageOfItsOwn() {
    assertThat(
            ListenFailure.explain(
                wrapped("can't listen on no:80", new UnresolvedAddressException())))
        .isEqualTo(
            "can't listen on no:80: the name does not resolve; expected an IP address or a name of"
                + " this host");
  }

  @Test
  void whatIsNotKnownIsToldAsItIs() {
    assertThat(ListenFailure.explain(new BindException("too many of them")))
        .isEqualTo("too many of them");
  }

  private static IllegalStateException wrapped(String where, Throwable cause) {
    return new IllegalStateException(where + ": " + HarpException.reasonOf(cause), cause);
  }
}
