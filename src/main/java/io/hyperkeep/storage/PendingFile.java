package io.hyperkeep.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/** A file that is being written and that nobody sees yet. For one thread. */
public interface PendingFile extends Closeable {
    /** Where its bytes go; buffered neither here nor there. Closed by {@link #close()}. */
    OutputStream stream();

    /**
     * Makes the file durable and visible under its name, in the folder that it was begun in.
     *
     * @param name its final name; replaces a file of that name at once
     */
    void commit(String name) throws IOException;

    /** Discards the file unless it was committed. */
    @Override
    void close() throws IOException;
}
