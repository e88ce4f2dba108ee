// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.HarpProxyOptions.Limits;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.tunnel.link.Links;
import io.github.harp.tunnel.server.TunnelServerOptions;
import java.time.Duration;

/**
 * Every environment variable that HaRP knows, with its default, which is that of the library where
 * it has one; {@code docs/configuration.md} says what each is for, and a test holds the two
 * together.
 */
public enum Variable {
  HP_SHARED_KEY(""),
  HP_SHARED_KEY_FILE(""),
  NC_INSTANCE_URL("", Form.UNQUOTED),
  HP_INSTANCES_FILE("", Form.UNQUOTED),

  HP_EXAPPS_ADDRESS("0.0.0.0:" + HarpProxyOptions.DEFAULT_PORT, Form.UNQUOTED),
  HP_EXAPPS_HTTPS_ADDRESS("0.0.0.0:8781", Form.UNQUOTED),
  HP_FRP_ADDRESS("0.0.0.0:" + TunnelServerOptions.DEFAULT_PORT, Form.UNQUOTED),
  HP_FRP_QUIC_ADDRESS("", Form.UNQUOTED),
  HP_STUN_ADDRESS("", Form.UNQUOTED),
  HP_STUN_ADVERTISE("", Form.UNQUOTED),
  HP_ADMIN_ADDRESS("127.0.0.1:8200", Form.UNQUOTED),
  HP_ADMIN_PUBLIC("false", Form.SWITCH),
  HP_CERTS_DIR("/certs", Form.UNQUOTED),
  HP_TRANSPORT("auto", Form.WORD),
  HP_SHUTDOWN_GRACE("8s"),
  HP_UPGRADES("websocket", Form.UNQUOTED),
  HP_EARLY_HINTS("false", Form.SWITCH),

  HP_TRUSTED_PROXY_IPS(""),
  HP_SESSION_LIFETIME(Library.seconds(Instance.SESSION_LIFETIME)),
  HP_BLACKLIST_WINDOW(Library.seconds(Bans.WINDOW)),
  HP_BLACKLIST_COUNT(String.valueOf(Bans.COUNT)),
  HP_BLACKLIST_ANSWER("browser", Form.WORD),

  HP_TIMEOUT_CONNECT(Library.seconds(Library.TIMEOUTS.upstream().connect()) + "s"),
  HP_TIMEOUT_CLIENT(Library.seconds(Library.TIMEOUTS.client()) + "s"),
  HP_TIMEOUT_SERVER(Library.seconds(Library.TIMEOUTS.upstream().silence()) + "s"),
  HP_TIMEOUT_TUNNEL(""),

  HP_LIMIT_CONNECTIONS(String.valueOf(Library.LIMITS.connections())),
  HP_LIMIT_CLIENT(String.valueOf(Library.LIMITS.requests().perClient())),
  HP_LIMIT_EXAPP(String.valueOf(Library.LIMITS.requests().perExApp())),

  HP_FRP_DISABLE_TLS("false", Form.SWITCH),
  HP_FRP_CERT_VALIDITY_DAYS("5000"),
  HP_FRP_WEBSOCKET("certificate", Form.WORD),
  HP_EXAPP_KEY("token", Form.WORD),
  HP_DOCKER_ENGINES("", Form.UNQUOTED),
  HP_ALLOWED_MOUNTS("", Form.UNQUOTED),

  HP_LOG_LEVEL("warning", Form.WORD),
  HP_LOG_FORMAT("text", Form.WORD),
  HP_LOG_USERS("false", Form.SWITCH),
  HP_VERBOSE_START("1", Form.SWITCH),
  HP_WATCHDOG_ENABLED("true", Form.SWITCH),
  HP_WATCHDOG_INTERVAL("10"),
  HP_WATCHDOG_FAILS("12"),

  HP_CLUSTER_URL("", Form.UNQUOTED),
  HP_CLUSTER_PASSWORD_FILE("", Form.UNQUOTED),
  HP_CLUSTER_CA_FILE("", Form.UNQUOTED),
  HP_CLUSTER_NODE("", Form.WORD),
  HP_CLUSTER_ADDRESS("0.0.0.0:" + Links.DEFAULT_PORT, Form.UNQUOTED),
  HP_CLUSTER_ADVERTISE("", Form.UNQUOTED),

  HP_K8S_ENABLED("false", Form.SWITCH),
  HP_K8S_API_SERVER("", Form.UNQUOTED),
  HP_K8S_NAMESPACE("nextcloud-exapps", Form.UNQUOTED),
  HP_K8S_BEARER_TOKEN(""),
  HP_K8S_BEARER_TOKEN_FILE("/var/run/secrets/kubernetes.io/serviceaccount/token", Form.UNQUOTED),
  HP_K8S_CA_FILE("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", Form.UNQUOTED),
  HP_K8S_VERIFY_SSL("true", Form.SWITCH),
  HP_K8S_STORAGE_CLASS("", Form.UNQUOTED),
  HP_K8S_DEFAULT_STORAGE_SIZE("10Gi", Form.UNQUOTED),
  HP_K8S_HOST_ALIASES("", Form.UNQUOTED),
  HP_K8S_RESTRICTED("false", Form.SWITCH),
  HP_K8S_NETWORK_POLICY("", Form.UNQUOTED),
  HP_K8S_FRP_ADDRESS("", Form.UNQUOTED),

  /** Of the original's parts; one process has nobody to talk to on this port. */
  HP_SPOA_ADDRESS("127.0.0.1:9600"),
  /** How long the original waits for each of its parts; ours start together or not at all. */
  HP_WAIT_AGENT_HTTP("60"),
  HP_WAIT_SPOA("60"),
  HP_WAIT_FRP("30"),
  HP_WAIT_INTERVAL("0.5");

  /** The defaults of the libraries, which are the product's. */
  private static final class Library {
    static final Timeouts TIMEOUTS = new Timeouts();
    static final Limits LIMITS = new Limits();

    static String seconds(Duration duration) {
      return String.valueOf(duration.toSeconds());
    }
  }

  private enum Form {
    /** Kept as it is. */
    PLAIN,
    /** Without the quotes that a compose file left around it. */
    UNQUOTED,
    /** One word, without quotes and blanks around it; the end of a line of Windows is one. */
    WORD,
    /** A word for on or off. */
    SWITCH
  }

  private final String defaultValue;
  private final Form form;

  Variable(String defaultValue) {
    this(defaultValue, Form.PLAIN);
  }

  Variable(String defaultValue, Form form) {
    this.defaultValue = defaultValue;
    this.form = form;
  }

  /** The value when the variable is not set; empty for none. */
  public String defaultValue() {
    return defaultValue;
  }

  /** Whether it turns something on or off. */
  public boolean isSwitch() {
    return form == Form.SWITCH;
  }

  /** A value without what does not belong to it. */
  String bare(String value) {
    return switch (form) {
      case PLAIN -> value;
      case UNQUOTED -> unquoted(value);
      case WORD, SWITCH -> unquoted(value.strip()).strip();
    };
  }

  /**
   * Without one leading {@code "}, one trailing {@code "}, one leading {@code '} and one trailing
   * {@code '}, in this order and whether they pair or not, as the original does.
   */
  public static String unquoted(String value) {
    return without(without(value, '"'), '\'');
  }

  private static String without(String value, char quote) {
    int start = !value.isEmpty() && value.charAt(0) == quote ? 1 : 0;
    int end = value.length();
    if (end > start && value.charAt(end - 1) == quote) {
      end--;
    }
    return value.substring(start, end);
  }
}
