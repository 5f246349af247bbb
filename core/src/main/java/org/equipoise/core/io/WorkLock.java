package org.equipoise.core.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.equipoise.core.WrongUseException;

/**
 * Keeps a second process from writing where one is at work. The operating system drops the lock
 * with the process, however it ends; the file may then stay, and stands in nobody's way.
 */
public final class WorkLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private WorkLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock, without waiting.
   *
   * @param file made for the lock, and removed with it; its folder must be there
   * @param place what is locked, in words for people
   * @throws WrongUseException if another process, or another thread of this one, holds it
   * @throws IOException if the file cannot be made
   */
  public static WorkLock take(Path file, String place) throws IOException {
    return tryTake(file)
        .orElseThrow(
            () ->
                new WrongUseException(
                    "another call is writing to "
                        + place
                        + ": wait for it, or name another place"));
  }

  /**
   * Takes the lock if it is free, without waiting. Threads of one process must keep each other out
   * before: on POSIX systems a thread that tries in vain drops the lock of the process.
   *
   * @param file made for the lock, and removed with it; its folder must be there
   * @return empty if another process, or another thread of this one, holds it
   * @throws IOException if the file cannot be made
   */
  public static Optional<WorkLock> tryTake(Path file) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (!locked(channel)) {
          channel.close();
          return Optional.empty();
        }
        // its holder may have removed the file between our opening and locking it
        if (isFile(file, channel)) {
          return Optional.of(new WorkLock(file, channel));
        }
        channel.close();
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /**
   * Whether the path still names what is open: it has the size that the open file is given here. To
   * open it a second time would not do, since closing that would drop the lock on POSIX systems.
   */
  private static boolean isFile(Path file, FileChannel channel) throws IOException {
    long size = ProcessHandle.current().pid();
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
    try {
      return Files.size(file) == size;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file, e);
    }
  }
}
