// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2FrameCodec;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EarlyClassesTest {

  /** Remembers what it was asked for, and has nothing that is loaded already. */
  private static final class Fresh extends URLClassLoader {

    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    Fresh(URL... jars) {
      super(jars, EarlyClassesTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      asked.add(name);
      return super.loadClass(name, resolve);
    }
  }

  @Test
  @DisplayName("F20: what an HTTP/2 connection needs is loaded before there is one")
  void f20_theClassesOfHttp2AreLoadedEarly() throws Exception {
    var jar = Http2FrameCodec.class.getProtectionDomain().getCodeSource().getLocation();
    try (var loader = new Fresh(jar)) {
      var loaded = new EarlyClasses(loader, Set.of(Path.of(jar.toURI()))).load();

      assertThat(loaded).isGreaterThan(200);
      assertThat(loader.asked)
          .contains(
              "io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder",
              "io.netty.handler.codec.http2.WeightedFairQueueByteDistributor$1")
          .allMatch(name -> name.startsWith("io.netty.handler.codec.http2."));
    }
  }

  /** Has classes of HTTP/2 of its own. */
  private static final class Own extends URLClassLoader {

    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    Own(URL... jars) {
      super(jars, EarlyClassesTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      asked.add(name);
      if (!name.startsWith("io.netty.handler.codec.http2.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        var loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }

  @Test
  @DisplayName("F20: early classes are read, not initialized, which would take more of the memory")
  void f20_earlyClassesAreNotInitialized() throws Exception {
    var jar = Http2FrameCodec.class.getProtectionDomain().getCodeSource().getLocation();
    try (var loader = new Own(jar)) {
      new EarlyClasses(loader, Set.of(Path.of(jar.toURI()))).load();
      var logger = "io.netty.util.internal.logging.InternalLoggerFactory";
      assertThat(loader.asked).doesNotContain(logger);

      Class.forName(Http2FrameCodec.class.getName(), true, loader);
      assertThat(loader.asked).as("by the initializer").contains(logger);
    }
  }

  @Test
  void whatCannotBeReadIsLeftAlone() {
    assertThat(
            new EarlyClasses(getClass().getClassLoader(), Set.of(Path.of("/nowhere.jar"))).load())
        .isZero();
    assertThat(EarlyClasses.ofThisProcess()).isNotNull();
  }
}
