// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.testing.InCluster.DIALS_IN;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;

import io.fabric8.kubernetes.api.model.rbac.Role;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Each order, to be given while its cluster is in a state that it can't be carried out in: it ends
 * in time, says why, and does what it says when it is given again afterwards.
 */
abstract class InAHostileState extends OnARealCluster {

  final ExAppName name = newName();

  @Override
  Role role() {
    return Tenancy.roleForPolicies();
  }

  enum Order {
    EXISTS {
      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.find(name);
      }
    },
    CREATE {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) {}

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.create(dialingIn(name));
      }
    },
    START {
      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.start(name);
      }
    },
    STOP {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        super.prepare(runtime, name);
        get(runtime.start(name));
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.stop(name);
      }
    },
    WAIT_FOR_START {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        super.prepare(runtime, name);
        get(runtime.start(name));
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.awaitStart(name);
      }
    },
    REMOVE {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        get(runtime.create(spec(name)));
        get(runtime.expose(exposure(name, Type.CLUSTERIP)));
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.remove(name, false);
      }
    },
    REMOVE_DATA {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        REMOVE.prepare(runtime, name);
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.remove(name, true);
      }
    },
    INSTALL_CERTIFICATES {
      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.installCertificates(
            name, new CertificateInstallation(Optional.empty(), true));
      }
    },
    EXPOSE {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        get(runtime.create(spec(name)));
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.expose(exposure(name, Type.NODEPORT));
      }
    };

    void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
      get(runtime.create(dialingIn(name)));
    }

    abstract Future<?> give(ExAppRuntime runtime, ExAppName name);
  }

  static ExAppSpec dialingIn(ExAppName name) {
    return spec(name, RealCluster.IMAGE, ComputeDevice.CPU, DIALS_IN);
  }
}
