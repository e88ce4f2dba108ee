// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** What the one who fetches asks the one who sends. */
sealed interface Wish {

  int ALIVE = 0;
  int STOP = 1;
  int LEFT = 2;
  int BLOCKS = 3;
  int CHECKSUMS = 4;
  int DONE = 5;

  void write(DataOutputStream out) throws IOException;

  /**
   * How much there is to do.
   *
   * @param bytes of all that is still to be asked for
   */
  record Left(long bytes) implements Wish {
    @Override
    public void write(DataOutputStream out) throws IOException {
      out.writeByte(LEFT);
      out.writeLong(bytes);
    }
  }

  /**
   * Blocks of a file, each with its checksum.
   *
   * @param last whether the file's is to follow, since nothing else of it is wanted then
   */
  record SendBlocks(int file, int first, int count, boolean last) implements Wish {
    @Override
    public void write(DataOutputStream out) throws IOException {
      out.writeByte(BLOCKS);
      out.writeInt(file);
      out.writeInt(first);
      out.writeInt(count);
      out.writeBoolean(last);
    }
  }

  /** The checksums of the first blocks of a file. */
  record SendChecksums(int file, int count) implements Wish {
    @Override
    public void write(DataOutputStream out) throws IOException {
      out.writeByte(CHECKSUMS);
      out.writeInt(file);
      out.writeInt(count);
    }
  }

  /** All is there. */
  record Done() implements Wish {
    @Override
    public void write(DataOutputStream out) throws IOException {
      out.writeByte(DONE);
    }
  }

  /** The next that wants something. */
  static Wish read(DataInputStream in) throws IOException, TransferException {
    while (true) {
      var code = in.readUnsignedByte();
      switch (code) {
        case ALIVE -> {}
        case STOP -> throw Tag.stopped(in);
        case LEFT -> {
          return new Left(in.readLong());
        }
        case BLOCKS -> {
          return new SendBlocks(in.readInt(), in.readInt(), in.readInt(), in.readBoolean());
        }
        case CHECKSUMS -> {
          return new SendChecksums(in.readInt(), in.readInt());
        }
        case DONE -> {
          return new Done();
        }
        default -> throw Tag.unexpected("a wish of kind " + code);
      }
    }
  }
}
