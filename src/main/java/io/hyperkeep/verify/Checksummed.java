package io.hyperkeep.verify;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Hashes what is read, and tells a file that can not be read from one whose content is bad. Closes the stream that it
 * reads. For one thread.
 */
public final class Checksummed extends FilterInputStream {
    private final MessageDigest sha256;
    private boolean failed;

    public Checksummed(InputStream in) {
        super(in);
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            int n = in.read(bytes, offset, length);
            if (n > 0) {
                sha256.update(bytes, offset, n);
            }
            return n;
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    @Override
    public long skip(long n) throws IOException {
        throw new IOException("what is skipped is not hashed");
    }

    /** Whether reading failed, whatever became of the exception. */
    public boolean failed() {
        return failed;
    }

    /** Of what was read, as 64 lower-case hexadecimal digits; to be asked once. */
    public String sha256() {
        return HexFormat.of().formatHex(sha256.digest());
    }
}
