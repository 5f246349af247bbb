package org.equipoise.core;

/** Where long work tells how far it is. Implementations are safe to call from several threads. */
public interface Progress {
  /** Says nothing. */
  Progress NONE =
      (what, total) ->
          new Task() {
            @Override
            public void step(long count) {}

            @Override
            public void note(String message) {}

            @Override
            public void close() {}
          };

  /**
   * Starts a piece of work.
   *
   * @param what a few words, such as {@code "encoding posts"}
   * @param total how many steps it takes, or -1 where unknown
   */
  Task start(String what, long total);

  /** A piece of work under way. */
  interface Task extends AutoCloseable {
    /** Says that so many more steps are done. */
    void step(long count);

    /** Adds a few words to what is shown, such as the current loss. */
    void note(String message);

    @Override
    void close();
  }
}
