// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import io.github.harp.core.testing.FakeNextcloud;

/** The stand-in of all other tests is held to the same. */
class FakeNextcloudTest extends NextcloudContract {
  private final FakeNextcloud nextcloud = new FakeNextcloud().answeringFromAnotherThread();

  @Override
  protected Nextcloud nextcloud() {
    return nextcloud;
  }

  @Override
  protected void knows(ExApp exApp) {
    nextcloud.with(exApp);
  }

  @Override
  protected void knows(String credential, NcUser user) {
    nextcloud.withSession(credential, user);
  }

  @Override
  protected void refusesUsers() {
    nextcloud.refuseUsers();
  }

  @Override
  protected void isOut(boolean out) {
    if (out) {
      nextcloud.failWith(HarpException.Code.UNREACHABLE);
    } else {
      nextcloud.recover();
    }
  }
}
