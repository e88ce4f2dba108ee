// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

/** A transfer has come to an end that another try does not change, in words for both peers. */
public final class TransferException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean isFromPeer;

  public TransferException(String message) {
    super(message);
    this.isFromPeer = false;
  }

  public TransferException(String message, Throwable cause) {
    super(message, cause);
    this.isFromPeer = false;
  }

  private TransferException(String message, boolean isFromPeer) {
    super(message);
    this.isFromPeer = isFromPeer;
  }

  /** What the other side has said. */
  public static TransferException ofPeer(String words) {
    return new TransferException("the other side: " + words, true);
  }

  /** Whether the other side knows already. */
  public boolean isFromPeer() {
    return isFromPeer;
  }

  /** Never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
