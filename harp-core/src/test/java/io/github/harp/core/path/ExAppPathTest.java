// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExAppPathTest {

  @ParameterizedTest
  @CsvSource({
    "/exapps/a/b, a, /b",
    "/exapps/a, a, /",
    "/exapps/a/, a, /",
    "/exapps/a//b, a, //b",
    "/exapps/a/exapps/b, a, /exapps/b",
    "/exapps/A.b-c_1/x%2Fy, A.b-c_1, /x%2Fy",
    "/exapps/%61/x, %61, /x",
  })
  void splitsIdAndRest(String path, String appId, String rest) {
    assertThat(ExAppPath.find(path)).isEqualTo(new ExAppPath(appId, rest));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/exapps",
        "/exapps/",
        "/exapps//a",
        "/Exapps/a",
        "/xexapps/a",
        "/x/exapps/a",
        "exapps/a"
      })
  void otherPathsNameNoExApp(String path) {
    assertThat(ExAppPath.find(path)).isNull();
  }

  @ParameterizedTest(name = "F15: {0}")
  @CsvSource({
    "/cloud/exapps/a/b, a, /b",
    "/cloud/exapps/a, a, /",
    "/exapps/a/b, a, /b",
    "/cloud/exapps/app_api/info, app_api, /info",
    "/exapps/cloud/exapps/a, cloud, /exapps/a",
  })
  void theFolderOfNextcloudMayStandBefore(String path, String appId, String rest) {
    assertThat(ExAppPath.find(path, "/cloud")).isEqualTo(new ExAppPath(appId, rest));
  }

  @ParameterizedTest(name = "F15: {0}")
  @ValueSource(
      strings = {
        "/cloud",
        "/cloud/exapps/",
        "/cloud/cloud/exapps/a",
        "/cloud//exapps/a",
        "/cloudy/exapps/a",
        "/Cloud/exapps/a",
        "/x/cloud/exapps/a",
        "/other/exapps/a"
      })
  void noOtherFolderMay(String path) {
    assertThat(ExAppPath.find(path, "/cloud")).isNull();
  }
}
