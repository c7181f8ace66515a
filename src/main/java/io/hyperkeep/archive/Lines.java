package io.hyperkeep.archive;

import java.io.IOException;
import java.io.InputStream;

/** Cuts a stream at its line feeds, in constant memory however long a line is. For one thread. */
final class Lines {
    private static final int BUFFER_BYTES = 1 << 18;

    private final byte[] buffer = new byte[BUFFER_BYTES];

    /** Takes lines; must not keep the array. */
    @FunctionalInterface
    interface Sink {
        /**
         * A line, or a piece of one that is longer than the buffer.
         *
         * @param begins whether the line begins here
         * @param ends whether the line ends here, with a line feed; never for what follows a stream's last line feed
         */
        void line(byte[] bytes, int offset, int length, boolean begins, boolean ends);
    }

    /**
     * Reads to the end; the caller closes the stream.
     *
     * @throws InterruptedException when this thread was interrupted, which is looked at once for each buffer
     */
    void read(InputStream text, Sink sink) throws IOException, InterruptedException {
        int filled = 0;
        boolean begins = true;
        for (int n = text.read(buffer, 0, buffer.length);
                n >= 0;
                n = text.read(buffer, filled, buffer.length - filled)) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            int start = 0;
            int end = filled + n;
            for (int i = filled; i < end; i++) {
                if (buffer[i] == '\n') {
                    sink.line(buffer, start, i + 1 - start, begins, true);
                    begins = true;
                    start = i + 1;
                }
            }
            filled = end - start;
            if (filled == buffer.length) {
                sink.line(buffer, 0, filled, begins, false);
                begins = false;
                filled = 0;
            } else {
                System.arraycopy(buffer, start, buffer, 0, filled);
            }
        }
        if (filled > 0) {
            sink.line(buffer, 0, filled, begins, false);
        }
    }
}
