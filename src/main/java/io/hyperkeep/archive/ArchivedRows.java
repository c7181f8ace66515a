package io.hyperkeep.archive;

import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.Codec;
import io.hyperkeep.verify.Checksummed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Counts and digests the rows in a data file of pg_dump's directory format: COPY's text format, in which a line feed ends
 * a row and nothing else, and a line of {@code \.} ends them all (pg_dump.c, dumpTableData_copy). A row may be of any
 * length. For one thread.
 */
final class ArchivedRows {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int END_BYTES = 3;

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final RowDigester digester = new RowDigester();
    /** Where the row begins that has not ended yet, unless its beginning was digested already. */
    private int start;

    private boolean wide;
    private boolean ended;
    private boolean rubbish;

    /**
     * Rows of a file.
     *
     * @param rows their number
     * @param digest of them all
     */
    record Sum(long rows, RowDigest digest) {}

    /**
     * Reads a file.
     *
     * @param backup the backup's folder
     * @throws BackupException DAMAGED when it is not what the manifest says; STORAGE when it can not be read
     */
    static Sum read(Path backup, FileEntry file) throws InterruptedException {
        return new ArchivedRows().of(backup.resolve(file.file()), file);
    }

    private Sum of(Path path, FileEntry file) throws InterruptedException {
        try (Checksummed in = new Checksummed(Files.newInputStream(path))) {
            try {
                rows(codec(path).decompress(in));
            } catch (IOException e) {
                if (in.failed()) {
                    throw e;
                }
                throw damaged(file, "can not be decompressed: " + e.getMessage());
            }
            // what the decompressor did not want is part of the file too
            in.transferTo(java.io.OutputStream.nullOutputStream());
            if (!in.sha256().equals(file.sha256())) {
                throw damaged(file, "its checksum differs");
            }
        } catch (IOException e) {
            throw new BackupException(Problem.STORAGE, "cannot read " + path + ": " + e.getMessage(), null, e);
        }
        if (!ended || rubbish) {
            throw damaged(file, "it does not end as pg_dump ends its files");
        }
        return new Sum(digester.rows(), digester.digest());
    }

    private static Codec codec(Path path) {
        String name = path.toString();
        for (Codec codec : new Codec[] {Codec.ZSTD, Codec.GZIP}) {
            if (name.endsWith(codec.suffix())) {
                return codec;
            }
        }
        return Codec.NONE;
    }

    private static BackupException damaged(FileEntry file, String how) {
        return new BackupException(
                Problem.DAMAGED,
                file.file() + " is damaged: " + how,
                "copy this file again from where the backup was copied from, or use another backup");
    }

    private void rows(InputStream text) throws IOException, InterruptedException {
        int filled = 0;
        for (int n = text.read(buffer, 0, buffer.length);
                n >= 0;
                n = text.read(buffer, filled, buffer.length - filled)) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            int end = filled + n;
            for (int i = filled; i < end; i++) {
                if (buffer[i] == '\n') {
                    line(i + 1);
                }
            }
            filled = keep(end);
        }
        rubbish |= filled > 0;
    }

    private void line(int next) {
        int length = next - start;
        if (ended) {
            rubbish |= length > 1;
        } else if (wide) {
            digester.addPiece(buffer, start, length);
            digester.endRow();
            wide = false;
        } else if (length == END_BYTES && buffer[start] == '\\' && buffer[start + 1] == '.') {
            ended = true;
        } else {
            digester.add(buffer, start, length);
        }
        start = next;
    }

    /** Moves a row's beginning to the front; one that fills the buffer is digested by pieces. Answers what is kept. */
    private int keep(int end) {
        int kept = end - start;
        if (kept == buffer.length) {
            rubbish |= ended;
            digester.addPiece(buffer, 0, kept);
            wide = true;
            kept = 0;
        } else {
            System.arraycopy(buffer, start, buffer, 0, kept);
        }
        start = 0;
        return kept;
    }
}
