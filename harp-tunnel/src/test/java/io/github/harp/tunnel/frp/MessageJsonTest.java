// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageJsonTest {

  private static final OpeningMessage.Login LOGIN =
      new OpeningMessage.Login(
          "0.61.1",
          "",
          "linux",
          "amd64",
          "",
          "24920decf83f6960b80f737a28eeafc1",
          1_700_000_000,
          "",
          "",
          Map.of("token", "secret"),
          OpeningMessage.ClientSpec.NONE,
          1);

  private static final String LOGIN_JSON =
      "{\"version\":\"0.61.1\",\"os\":\"linux\",\"arch\":\"amd64\","
          + "\"privilege_key\":\"24920decf83f6960b80f737a28eeafc1\",\"timestamp\":1700000000,"
          + "\"metas\":{\"token\":\"secret\"},\"client_spec\":{},\"pool_count\":1}";

  @Test
  void writesALoginAsGoDoes() {
    assertThat(json(LOGIN)).isEqualTo(LOGIN_JSON);
  }

  @Test
  void readsTheLoginBack() {
    assertThat(read(MessageType.LOGIN, LOGIN_JSON)).isEqualTo(LOGIN);
  }

  @Test
  void leavesOutEveryEmptyFieldButTheClientSpec() {
    assertThat(json(read(MessageType.LOGIN, "{}"))).isEqualTo("{\"client_spec\":{}}");
    assertThat(json(read(MessageType.NEW_PROXY, "{}"))).isEqualTo("{}");
    assertThat(json(new ServerMessage.ReqWorkConn())).isEqualTo("{}");
    assertThat(json(ClientMessage.Ping.PLAIN)).isEqualTo("{}");
    assertThat(json(ServerMessage.Pong.OK)).isEqualTo("{}");
  }

  @Test
  void writesAProxyAsGoDoes() {
    assertThat(json(ClientMessage.NewProxy.tcp("app", 23000, false, false)))
        .isEqualTo("{\"proxy_name\":\"app\",\"proxy_type\":\"tcp\",\"remote_port\":23000}");
    assertThat(json(new Message.StartWorkConn("app", "127.0.0.1", "127.0.0.1", 50000, 23000, "")))
        .isEqualTo(
            "{\"proxy_name\":\"app\",\"src_addr\":\"127.0.0.1\",\"dst_addr\":\"127.0.0.1\","
                + "\"src_port\":50000,\"dst_port\":23000}");
  }

  @Test
  void escapesWhatGoEscapes() {
    assertThat(json(new ServerMessage.Pong("<a> & \"b\"")))
        .isEqualTo("{\"error\":\"\\u003ca\\u003e \\u0026 \\\"b\\\"\"}");
  }

  @Test
  void ignoresUnknownFieldsAndCaseAndTakesNullForEmpty() {
    var login =
        (OpeningMessage.Login)
            read(
                MessageType.LOGIN,
                "{\"VERSION\":\"1\",\"Pool_Count\":3,\"new_in_0_99\":{\"a\":[1]},\"metas\":null,"
                    + "\"user\":null,\"timestamp\":null,\"client_spec\":null}");

    assertThat(login.version()).isEqualTo("1");
    assertThat(login.poolCount()).isEqualTo(3);
    assertThat(login.metas()).isEmpty();
    assertThat(login.user()).isEmpty();
    assertThat(login.clientSpec()).isEqualTo(OpeningMessage.ClientSpec.NONE);
    assertThat(read(MessageType.REQ_WORK_CONN, "null")).isEqualTo(new ServerMessage.ReqWorkConn());
    assertThat(
            ((ClientMessage.NewProxy)
                read(MessageType.NEW_PROXY, "{\"metas\":{\"a\":null},\"allow_users\":[null]}")))
        .returns(Map.of("a", ""), ClientMessage.NewProxy::metas)
        .returns(List.of(""), ClientMessage.NewProxy::allowUsers);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "7",
        "\"x\"",
        "{",
        "{}{}",
        "{}x",
        "{\"version\":1}",
        "{\"version\":true}",
        "{\"version\":[\"1\"]}",
        "{\"version\":[]}",
        "{\"pool_count\":\"1\"}",
        "{\"pool_count\":1.5}",
        "{\"pool_count\":true}",
        "{\"pool_count\":99999999999999999999}",
        "{\"timestamp\":\"\"}",
        "{\"metas\":[]}",
        "{\"metas\":{\"a\":1}}",
        "{\"metas\":\"\"}",
        "{\"client_spec\":\"x\"}",
        "{\"client_spec\":{\"always_auth_pass\":\"true\"}}",
        "{'version':'1'}"
      })
  void refusesWhatGoRefuses(String json) {
    assertThatThrownBy(() -> read(MessageType.LOGIN, json))
        .isInstanceOf(CorruptedFrameException.class)
        .hasMessageContaining("LOGIN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"src_port\":-1}", "{\"src_port\":65536}", "{\"dst_port\":1e9}"})
  void refusesAPortThatIsNone(String json) {
    assertThatThrownBy(() -> read(MessageType.START_WORK_CONN, json))
        .isInstanceOf(CorruptedFrameException.class);
  }

  @Test
  void refusesNestingWithoutEndInKnownAndUnknownFields() {
    for (var field : new String[] {"metas", "unknown", "client_spec"}) {
      var json = "{\"" + field + "\":" + "[".repeat(10_000);
      assertThatThrownBy(() -> read(MessageType.LOGIN, json))
          .isInstanceOf(CorruptedFrameException.class);
      assertThatThrownBy(() -> read(MessageType.UDP_PACKET, json))
          .isInstanceOf(CorruptedFrameException.class);
    }
  }

  /** Each is fifty times as large here, and a thousand clients may wait for an answer at once. */
  @Test
  void refusesMoreEntriesThanAnybodySends() {
    assertThat(read(MessageType.LOGIN, loginWith(100))).isInstanceOf(OpeningMessage.Login.class);
    assertThatThrownBy(() -> read(MessageType.LOGIN, loginWith(200)))
        .isInstanceOf(CorruptedFrameException.class);
    assertThatThrownBy(() -> read(MessageType.LOGIN, loginWith(200).replace("metas", "unknown")))
        .isInstanceOf(CorruptedFrameException.class);
  }

  private static String loginWith(int metas) {
    return IntStream.range(0, metas)
        .mapToObj("\"%s\":\"\""::formatted)
        .collect(joining(",", "{\"metas\":{", "}}"));
  }

  @Test
  void keepsKnownTypesWithoutARecordAsTheyAre() {
    var json = "{\"c\":\"aGVsbG8=\",\"r\":{\"IP\":\"1.2.3.4\",\"Port\":5,\"Zone\":\"\"}}";
    assertThat(json(read(MessageType.UDP_PACKET, json))).isEqualTo(json);
  }

  @Test
  void showsNoCredentialInAString() {
    assertThat(LOGIN.toString()).doesNotContain("secret").doesNotContain("24920dec");
    assertThat(OpeningMessage.NewWorkConn.of("0123456789abcdef").toString()).doesNotContain("0123");
    assertThat(new Message.LoginResp("1", "0123456789abcdef", "").toString())
        .doesNotContain("0123");
  }

  @Test
  void makesThePrivilegeKeyOfTheDocument() {
    assertThat(PrivilegeKey.of("", 1_700_000_000)).isEqualTo("24920decf83f6960b80f737a28eeafc1");
    assertThat(PrivilegeKey.of("12345678", 1_700_000_000))
        .isEqualTo("3d8aac6cc09d79da303be74c311e5808");
    assertThat(PrivilegeKey.matches("24920decf83f6960b80f737a28eeafc1", "", 1_700_000_000))
        .isTrue();
    assertThat(PrivilegeKey.matches("", "", 1_700_000_000)).isFalse();
  }

  private static String json(Message message) {
    return new String(MessageJson.write(message), UTF_8);
  }

  private static Message read(MessageType type, String json) {
    return MessageJson.read(type, json.getBytes(UTF_8));
  }
}
