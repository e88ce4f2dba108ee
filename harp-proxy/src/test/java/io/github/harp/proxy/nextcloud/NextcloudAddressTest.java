// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.AppId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NextcloudAddressTest {

  @ParameterizedTest
  @CsvSource({
    "http://nc, http://nc",
    "http://nc/, http://nc",
    "http://nc/index.php, http://nc",
    "http://nc/index.php/, http://nc",
    "https://cloud.example.com:8443/nextcloud/index.php/, https://cloud.example.com:8443/nextcloud",
    "HTTPS://nc:443/a/b, https://nc/a/b",
    "http://nextcloud_app_1:80, http://nextcloud_app_1",
    "http://[2001:db8::1]:8080/, http://[2001:db8::1]:8080",
    "http://nc:, http://nc",
  })
  void oneTrailingSlashAndOneIndexPhpAreRemoved(String url, String address) {
    assertThat(NextcloudAddress.parse(url)).hasToString(address);
  }

  @Test
  void endpointsKeepTheFolder() {
    assertThat(
            NextcloudAddress.parse("http://nc/cloud/").endpoint("exapp-meta", new AppId("A.b-c_1")))
        .isEqualTo("/cloud/index.php/apps/app_api/harp/exapp-meta?appId=A.b-c_1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nextcloud.local",
        "nc:8080",
        "ftp://nc",
        "http://",
        "http:///path",
        "http://nc:0",
        "http://nc:70000",
        "http://nc?x=1",
        "http://nc/#a",
        "http://n c",
        "http://[::1",
      })
  void anythingElseIsRefused(String url) {
    assertThatThrownBy(() -> NextcloudAddress.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void aPasswordInTheUrlIsRefusedAndNotRepeated() {
    assertThatThrownBy(() -> NextcloudAddress.parse("https://admin:hunter2@nc/"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @CsvSource({
    "https://nc/x?appId=a, https://nc",
    "https://NC:8443/x?appId=a, https://NC:8443",
    "http://nc/x?appId=a,",
    "https://other/x?appId=a,",
    "https://nc/y?appId=a,",
    "https://nc/x?appId=b,",
    "https://u:p@nc/x?appId=a,",
    "/x?appId=a,",
    "'',",
    "':',",
  })
  void w13_onlyARedirectToTlsOnTheSameHostIsOneToFollow(String location, String expected) {
    assertThat(
            NextcloudAddress.parse("http://nc")
                .secured("/x?appId=a", location)
                .map(Object::toString)
                .orElse(null))
        .isEqualTo(expected);
  }
}
