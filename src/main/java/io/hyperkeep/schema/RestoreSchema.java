package io.hyperkeep.schema;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.RestrictPsql;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Runs chosen entries of a schema file against a target, by psql, which runs nothing but SQL of it: what pg_dump restricted
 * by a key that is in the file is restricted by one that is not.
 *
 * <p>Each entry is a transaction of its own, together with the caller's note that it is done, so that a restart can go
 * on where the first attempt ended. That is possible for every entry that pg_dump writes: its own
 * {@code --single-transaction} restore rests on the same. The first error ends the run. Thread-safe.
 */
public final class RestoreSchema {
    private static final Pattern RESTRICT =
            Pattern.compile("^\\\\restrict \\w+$", Pattern.MULTILINE | Pattern.UNIX_LINES);

    private final Connections target;
    private final ClientTool psql;
    private final String applicationName;
    private final String settings;
    private final Duration timeout;
    private final Predicate<String> leftOut;

    /**
     * @param psql as {@link io.hyperkeep.database.ClientTools#find} finds it for the target
     * @param applicationName what {@code pg_stat_activity} shows
     * @param settings statements for the session to begin with, each a line; after what the file itself sets
     * @param timeout for one run, with all its indexes
     */
    public RestoreSchema(
            Connections target, ClientTool psql, String applicationName, String settings, Duration timeout) {
        this(target, psql, applicationName, settings, timeout, tablespace -> false);
    }

    private RestoreSchema(
            Connections target,
            ClientTool psql,
            String applicationName,
            String settings,
            Duration timeout,
            Predicate<String> leftOut) {
        this.target = target;
        this.psql = psql;
        this.applicationName = applicationName;
        this.settings = settings;
        this.timeout = timeout;
        this.leftOut = leftOut;
    }

    /** The same, which puts nothing into these tablespaces. */
    public RestoreSchema without(Predicate<String> tablespaces) {
        return new RestoreSchema(target, psql, applicationName, settings, timeout, tablespaces);
    }

    /**
     * Runs entries.
     *
     * @param file {@code pre-data.sql} or {@code post-data.sql}
     * @param preambleLength bytes at its start that set the session up
     * @param entries of that file, in the order in which to run them
     * @param names what objects are called in the target
     * @param note a statement that records that an entry is done, without a semicolon and without a result
     * @throws BackupException when a statement fails (SERVER, or DENIED for a missing privilege): nothing of its entry
     *     and all of the entries before it is in the target then; DAMAGED when the file does not hold the entries;
     *     CLIENT_TOOL when psql can not be run or takes longer than the timeout
     */
    public void run(
            Path file,
            int preambleLength,
            List<SchemaEntry> entries,
            RenameSql names,
            Function<SchemaEntry, Optional<String>> note) {
        if (entries.isEmpty()) {
            return;
        }
        Path script = null;
        try {
            script = Files.createTempFile(
                    "hyperkeep-",
                    ".sql",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            List<String> login = target.withoutLoginTriggers();
            String begin = (login.isEmpty() ? "" : Connections.EVENT_TRIGGERS_ON + ";\n") + settings;
            TreeMap<Integer, SchemaEntry> lines =
                    write(script, begin, new Source(file, preambleLength, entries), names, note);
            ClientProcess.Ended ended = ClientProcess.connected(psql, target, applicationName)
                    .settings(login)
                    .arguments("--no-psqlrc", "--quiet", "--tuples-only", "--no-align")
                    .arguments("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=verbose", "--file=" + script)
                    .timeout(timeout)
                    .runToEnd();
            if (ended.exitCode() != 0) {
                throw RestoreErrors.translate(ended, lines);
            }
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot prepare " + file + " for psql: " + e.getMessage(), null, e);
        } finally {
            if (script != null) {
                ReadArchive.delete(script);
            }
        }
    }

    private record Source(Path file, int preambleLength, List<SchemaEntry> entries) {}

    /** Returns the first line of each entry in the script. */
    private TreeMap<Integer, SchemaEntry> write(
            Path script, String begin, Source source, RenameSql names, Function<SchemaEntry, Optional<String>> note)
            throws IOException {
        TreeMap<Integer, SchemaEntry> lines = new TreeMap<>();
        try (SchemaFile in = SchemaFile.open(source.file());
                OutputStream out = Files.newOutputStream(script)) {
            RestrictPsql restrict = new RestrictPsql();
            String preamble = RestrictPsql.plain(
                    RESTRICT.matcher(in.preamble(source.preambleLength())).replaceFirst(""),
                    "the beginning of " + source.file());
            int line = 1 + write(out, restrict.begin()) + write(out, preamble + "\n") + write(out, begin);
            for (SchemaEntry entry : source.entries()) {
                String text = RestrictPsql.plain(
                        names.entry(entry, EntryTablespace.without(entry, in.entry(entry), leftOut)),
                        "entry " + entry.id() + " (" + entry.label() + ") of " + source.file());
                lines.put(line, entry);
                line += write(out, "BEGIN;\n" + text);
                line += write(
                        out,
                        note.apply(entry)
                                        .map(Latin::bytes)
                                        .map(sql -> sql + ";\n")
                                        .orElse("") + "COMMIT;\n");
            }
            write(out, restrict.end());
        }
        return lines;
    }

    private static int write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        return (int) text.chars().filter(c -> c == '\n').count();
    }
}
