// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A transfer has come to an end that another try does not change, in words for both peers. */
public final class TransferException extends Exception {

  private static final long serialVersionUID = 1L;

  /** What whoever began the transfer may do about it, to be said in words of its own. */
  public enum Remedy {
    /** To name one of several services ({@link TransferOptions#service()}). */
    NAMING_THE_SERVICE,
    /** To listen beside the program that dials in ({@link TransferOptions#listens()}). */
    LISTENING,
    /** To replace what is there ({@link Transfer#fetching(Path, boolean, TransferOptions)}). */
    REPLACING
  }

  private final boolean isFromPeer;
  private final @Nullable Remedy remedy;

  public TransferException(String message) {
    this(message, null, false);
  }

  public TransferException(String message, Remedy remedy) {
    this(message, remedy, false);
  }

  public TransferException(String message, Throwable cause) {
    super(message, cause);
    this.isFromPeer = false;
    this.remedy = null;
  }

  private TransferException(String message, @Nullable Remedy remedy, boolean isFromPeer) {
    super(message);
    this.isFromPeer = isFromPeer;
    this.remedy = remedy;
  }

  /** What the other side has said. */
  public static TransferException ofPeer(String words) {
    return new TransferException("the other side: " + words, null, true);
  }

  /** Whether the other side knows already. */
  public boolean isFromPeer() {
    return isFromPeer;
  }

  /** Empty where there is none, or it is the other side's to do. */
  public Optional<Remedy> remedy() {
    return Optional.ofNullable(remedy);
  }

  /** Never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
