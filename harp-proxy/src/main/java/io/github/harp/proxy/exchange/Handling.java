// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.proxy.loop.Limit;
import io.netty.handler.codec.http.HttpContent;
import io.netty.util.ReferenceCountUtil;

/** Who takes care of an exchange at the moment; told what happens on the client's side. */
public interface Handling {

  /** A part of the request's body; owns it. */
  void content(HttpContent content);

  /** No more content arrives with this read. */
  default void contentReadComplete() {}

  /** The client takes more of the answer. */
  default void clientWritable() {}

  /**
   * The client takes nothing more until {@link #clientWritable}, not even the head of an answer.
   */
  default void clientFull() {}

  void clientGone();

  /** Before it is decided where this goes, an ExApp was taken out of service. */
  default void outOfService(LostExApp exApp) {}

  /** It is decided what is to become of it. */
  default void decided() {}

  /** Called at each tick, before its limit is looked at. */
  default void look() {}

  /**
   * Bytes from the client that it keeps, or has written and the other side does not take; and what
   * has come of a head that is not whole yet.
   */
  default long heldBytes() {
    return 0;
  }

  /** Whether it has asked the client's side for a pause that is still on. */
  default boolean holdsBody() {
    return false;
  }

  /** Whether it goes on taking the request's body although the answer is complete. */
  default boolean takesRestOfBody() {
    return false;
  }

  /** What is waited for now. */
  Limit limit();

  /** It took too long. */
  void expired(Limit limit);

  /** Takes a body that nobody needs; everything else is over. */
  Handling DISCARD =
      new Handling() {
        @Override
        public void content(HttpContent content) {
          ReferenceCountUtil.release(content);
        }

        @Override
        public void clientGone() {}

        @Override
        public Limit limit() {
          return Limit.NONE;
        }

        @Override
        public void expired(Limit limit) {}
      };
}
