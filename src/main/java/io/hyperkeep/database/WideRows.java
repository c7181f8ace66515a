package io.hyperkeep.database;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one reader at a time read rows so large that several of them would not fit into the heap.
 *
 * <p>The driver holds a row whole. A reader that met a large row keeps the turn to its end, because more are likely.
 */
public final class WideRows {
    // with the launcher's 256 MB, far more of these fit than there are connections
    private static final int WIDE_BYTES = 4 << 20;

    private final ReentrantLock wide = new ReentrantLock();

    /** A turn, for the thread that reads. */
    public Turn turn() {
        return new Turn();
    }

    /** Held from the first large row on. For one thread. */
    public final class Turn implements AutoCloseable {
        private boolean held;

        /** To be told each row's length before anything is done with it. */
        public void row(int bytes) {
            if (bytes >= WIDE_BYTES && !held) {
                wide.lock();
                held = true;
            }
        }

        @Override
        public void close() {
            if (held) {
                wide.unlock();
                held = false;
            }
        }
    }
}
