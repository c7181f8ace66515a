package io.hyperkeep.database;

import io.hyperkeep.manifest.SqlText;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Keeps psql from running any command of its own while it reads what came with a backup: {@code \!} runs a program on
 * this machine, {@code \copy} writes files here. {@code \restrict} with a key that only this restore knows refuses all
 * of them, and no file can end it. One for each script; immutable.
 */
public final class RestrictPsql {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int KEY_BYTES = 32;

    private final String key;

    /** With a new key. */
    public RestrictPsql() {
        byte[] bytes = new byte[KEY_BYTES];
        RANDOM.nextBytes(bytes);
        this.key = HexFormat.of().formatHex(bytes);
    }

    /** The line that comes before anything else. */
    public String begin() {
        return "\\restrict " + key + "\n";
    }

    /** The line that comes behind everything else. */
    public String end() {
        return "\\unrestrict " + key + "\n";
    }

    /**
     * Refuses SQL that holds a command for psql, before psql would.
     *
     * @param what the SQL is, for the message
     * @throws BackupException DAMAGED when it does
     */
    public static String plain(String sql, String what) {
        if (SqlText.command(sql) >= 0) {
            throw new BackupException(
                    Problem.DAMAGED,
                    what + " holds a command for psql, which no backup has",
                    "psql would run it on this machine, so nothing of it was run. The file was altered: find out by whom"
                            + " before you use this backup.");
        }
        return sql;
    }

    /**
     * Writes a private script of SQL for a psql that runs nothing else; the caller deletes it.
     *
     * @param what the SQL is, for messages
     * @throws BackupException DAMAGED when it holds a command for psql
     * @throws IOException when the script cannot be written
     */
    public static Path script(String sql, String what) throws IOException {
        plain(sql, what);
        RestrictPsql restrict = new RestrictPsql();
        Path script = Files.createTempFile(
                "hyperkeep-",
                ".sql",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        boolean written = false;
        try {
            Files.writeString(script, restrict.begin() + sql + "\n" + restrict.end(), StandardCharsets.UTF_8);
            written = true;
            return script;
        } finally {
            if (!written) {
                delete(script);
            }
        }
    }

    /** Deletes a script, now or at the end. */
    public static void delete(@Nullable Path script) {
        try {
            if (script != null) {
                Files.deleteIfExists(script);
            }
        } catch (IOException e) {
            script.toFile().deleteOnExit(); // it is private, and what it was for matters more
        }
    }
}
