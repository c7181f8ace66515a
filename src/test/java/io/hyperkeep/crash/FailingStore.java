package io.hyperkeep.crash;

import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.PendingFile;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A store of which one operation fails as that of a disk with a bad block does, or all from that one on. Writing into a
 * file is an operation too. Thread-safe. Touching locks is none: it is done by a clock and not by the run.
 */
final class FailingStore implements BackupStore {
    private final BackupStore store;
    private final Fault fault;

    FailingStore(BackupStore store, Fault fault) {
        this.store = store;
        this.fault = fault;
    }

    /** Which operation fails; counts those of every store that it is put before. */
    static final class Fault {
        private final int first;
        private final int last;
        private volatile boolean mended;
        private final List<String> operations = Collections.synchronizedList(new ArrayList<>());

        private Fault(int first, int last) {
            this.first = first;
            this.last = last;
        }

        static Fault never() {
            return new Fault(Integer.MAX_VALUE, Integer.MAX_VALUE);
        }

        /** @param operation its number, from 0 */
        static Fault at(int operation) {
            return new Fault(operation, operation);
        }

        static Fault from(int operation) {
            return new Fault(operation, Integer.MAX_VALUE);
        }

        private void met(String operation, String path) throws IOException {
            int number;
            synchronized (operations) {
                number = operations.size();
                operations.add(operation + " " + path);
            }
            if (!mended && number >= first && number <= last) {
                throw new IOException("Input/output error");
            }
        }

        /** Nothing fails any more. */
        void mend() {
            mended = true;
        }

        /** What was done so far, in its order. */
        List<String> operations() {
            synchronized (operations) {
                return List.copyOf(operations);
            }
        }
    }

    @Override
    public PendingFile begin(String folder, String name) throws IOException {
        String path = folder + "/" + name;
        fault.met("begin", path);
        PendingFile file = store.begin(folder, name);
        return new PendingFile() {
            @Override
            public OutputStream stream() {
                return new FilterOutputStream(file.stream()) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        fault.met("write", path);
                        out.write(bytes, offset, length);
                    }

                    @Override
                    public void write(int b) throws IOException {
                        write(new byte[] {(byte) b}, 0, 1);
                    }
                };
            }

            @Override
            public void commit(String to) throws IOException {
                fault.met("commit", path);
                file.commit(to);
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    @Override
    public InputStream open(String path) throws IOException {
        fault.met("open", path);
        return store.open(path);
    }

    @Override
    public OptionalLong size(String path) throws IOException {
        fault.met("size", path);
        return store.size(path);
    }

    @Override
    public List<String> list(String folder) throws IOException {
        fault.met("list", folder);
        return store.list(folder);
    }

    @Override
    public boolean createFolder(String path) throws IOException {
        fault.met("createFolder", path);
        return store.createFolder(path);
    }

    @Override
    public void delete(String path) throws IOException {
        fault.met("delete", path);
        store.delete(path);
    }

    @Override
    public void force(String folder) throws IOException {
        fault.met("force", folder);
        store.force(folder);
    }

    @Override
    public Optional<Instant> modified(String path) throws IOException {
        fault.met("modified", path);
        return store.modified(path);
    }

    @Override
    public boolean touch(String path, Instant time) throws IOException {
        return store.touch(path, time);
    }
}
