package io.hyperkeep.verify;

import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.storage.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/**
 * Reads a backup's files from end to end, with one buffer whatever their rows' length. For one thread.
 */
final class ReadFile {
    private static final int BUFFER = 1 << 17;

    private final byte[] buffer = new byte[BUFFER];

    /** Whether the file is there, as long as it was, with the same checksum. */
    Optional<String> wrongBytes(StoredFile file) throws InterruptedException {
        Optional<String> wrong = wrongLength(file);
        if (wrong.isPresent()) {
            return wrong;
        }
        try (Checksummed in = new Checksummed(Files.newInputStream(file.path()))) {
            drain(in);
            return in.sha256().equals(file.sha256()) ? Optional.empty() : Optional.of("its checksum differs");
        } catch (IOException e) {
            return Optional.of("cannot be read: " + e.getMessage());
        }
    }

    /** As {@link #wrongBytes}, and whether a data file's rows are as many as and the same as they were. */
    Optional<String> wrong(StoredFile file, Codec codec) throws InterruptedException {
        UnitEntry unit = file.unit();
        if (unit == null) {
            return wrongBytes(file);
        }
        Optional<String> wrong = wrongLength(file);
        if (wrong.isPresent()) {
            return wrong;
        }
        try (Checksummed in = new Checksummed(Files.newInputStream(file.path()))) {
            CsvRows rows = new CsvRows();
            Optional<String> broken = read(codec, in, rows);
            // what the decompressor did not want is part of the file too
            drain(in);
            if (!in.sha256().equals(file.sha256())) {
                return Optional.of("its checksum differs");
            }
            return broken.isPresent() ? broken : rows.differs(unit);
        } catch (IOException e) {
            return Optional.of("cannot be read: " + e.getMessage());
        }
    }

    private Optional<String> read(Codec codec, Checksummed in, CsvRows rows) throws IOException, InterruptedException {
        try {
            // not closed: that would close the file, whose rest is read after
            InputStream csv = codec.decompress(in);
            for (int n = csv.read(buffer); n >= 0; n = csv.read(buffer)) {
                stopIfAsked();
                rows.add(buffer, n);
            }
            return Optional.empty();
        } catch (IOException e) {
            if (in.failed()) {
                throw e;
            }
            return Optional.of("can not be decompressed: " + e.getMessage());
        }
    }

    /** Whether the file is there, as long as it was. */
    static Optional<String> wrongLength(StoredFile file) {
        try {
            long bytes = Files.size(file.path());
            return bytes == file.bytes()
                    ? Optional.empty()
                    : Optional.of("is " + bytes + " bytes long instead of " + file.bytes());
        } catch (NoSuchFileException e) {
            return Optional.of("is missing");
        } catch (IOException e) {
            return Optional.of("cannot be read: " + e.getMessage());
        }
    }

    private void drain(InputStream in) throws IOException, InterruptedException {
        while (in.read(buffer) >= 0) {
            stopIfAsked();
        }
    }

    private static void stopIfAsked() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
