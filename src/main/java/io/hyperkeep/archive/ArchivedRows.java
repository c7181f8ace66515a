package io.hyperkeep.archive;

import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.Codec;
import io.hyperkeep.verify.Checksummed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Counts and digests the rows in a data file of pg_dump's directory format. For one thread. */
final class ArchivedRows {
    private final CopiedRows rows = new CopiedRows();
    private boolean ended;
    private boolean rubbish;

    /**
     * Reads a file.
     *
     * @param backup the backup's folder
     * @throws BackupException DAMAGED when it is not what the manifest says; STORAGE when it can not be read
     */
    static CopiedRows.Sum read(Path backup, FileEntry file) throws InterruptedException {
        return new ArchivedRows().of(backup.resolve(file.file()), file);
    }

    private CopiedRows.Sum of(Path path, FileEntry file) throws InterruptedException {
        try (Checksummed in = new Checksummed(Files.newInputStream(path))) {
            try {
                new Lines().read(codec(path).decompress(in), this::line);
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
        return rows.sum();
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

    private void line(byte[] bytes, int offset, int length, boolean begins, boolean ends) {
        if (ended) {
            // pg_dump adds empty lines
            rubbish |= length > 1 || !ends;
        } else {
            ended = rows.add(bytes, offset, length, begins, ends);
        }
    }
}
