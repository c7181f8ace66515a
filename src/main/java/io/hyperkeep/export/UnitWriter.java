package io.hyperkeep.export;

import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.Codec;
import io.hyperkeep.storage.PendingFile;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Rows on their way into a file: counted, digested, compressed, and the file's checksum taken. For one thread. */
final class UnitWriter implements Closeable {
    // a compressor's call costs about as much as a row; a file system's more
    private static final int BUFFER = 1 << 18;
    private static final int REPORT_BYTES = 1 << 20;

    private final RowDigester digester = new RowDigester();
    private final Checksummed file;
    private final OutputStream csv;
    private final RunProgress progress;
    private long csvBytes;
    private long unreportedRows;
    private long unreportedBytes;
    private long reportedRows;
    private long reportedBytes;

    UnitWriter(PendingFile file, Codec codec, int level, RunProgress progress) throws IOException {
        this.file = new Checksummed(file.stream());
        this.csv = new BufferedOutputStream(codec.compress(new BufferedOutputStream(this.file, BUFFER), level), BUFFER);
        this.progress = progress;
    }

    /** Writes the header line, which is no row. */
    void header(byte[] line) throws IOException {
        csv.write(line);
        csvBytes += line.length;
    }

    /** Writes one row. */
    void row(byte[] row) throws IOException {
        digester.add(row, 0, row.length);
        csv.write(row);
        csvBytes += row.length;
        unreportedRows++;
        unreportedBytes += row.length;
        if (unreportedBytes >= REPORT_BYTES) {
            report();
        }
    }

    private void report() {
        progress.moved(unreportedRows, unreportedBytes);
        reportedRows += unreportedRows;
        reportedBytes += unreportedBytes;
        unreportedRows = 0;
        unreportedBytes = 0;
    }

    /** Takes back what the progress was told of, as it will be read again or never. */
    void withdraw() {
        progress.moved(-reportedRows, -reportedBytes);
    }

    /** Ends the compressed stream; nothing may be written after. */
    @Override
    public void close() throws IOException {
        csv.close();
        report();
    }

    long rows() {
        return digester.rows();
    }

    RowDigest digest() {
        return digester.digest();
    }

    long csvBytes() {
        return csvBytes;
    }

    /** Bytes of the file; whole after {@link #close()}. */
    long bytes() {
        return file.bytes;
    }

    /** Checksum of the file, in hexadecimal; once, after {@link #close()}. */
    String sha256() {
        return HexFormat.of().formatHex(file.sha256.digest());
    }

    /** Counts and hashes what really goes to the file; leaves closing it to its owner, who forces it first. */
    private static final class Checksummed extends FilterOutputStream {
        private final MessageDigest sha256;
        private long bytes;

        Checksummed(OutputStream out) {
            super(out);
            try {
                this.sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int offset, int length) throws IOException {
            out.write(b, offset, length);
            sha256.update(b, offset, length);
            bytes += length;
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
