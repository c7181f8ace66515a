package io.hyperkeep.schema;

import io.hyperkeep.database.CancelSessions;
import io.hyperkeep.database.ClientMessages;
import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.InternalRelations;
import io.hyperkeep.discovery.RestoreLedgers;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.SchemaFiles;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Dumps a database's schema in a snapshot that was exported. Thread-safe: each run has its own state. */
public final class DumpSchema {
    /** The file that runs before the rows. */
    public static final String PRE_DATA = "pre-data.sql";
    /** The file that runs after {@link #PRE_DATA}, on empty tables. */
    public static final String HYPERTABLES = "hypertables.sql";
    /** The file that runs after {@link #HYPERTABLES}: creates continuous aggregates. */
    public static final String AGGREGATES = "aggregates.sql";
    /** The file that runs after {@link #AGGREGATES}: what needs them. */
    public static final String LATE = "late.sql";
    /** The file that runs after the rows. */
    public static final String POST_DATA = "post-data.sql";

    private static final Duration TIMEOUT = Duration.ofHours(2);

    /** A command line has an end. */
    private static final int MOST_ARGUMENTS = 1000;

    private final Connections source;
    private final ClientTools tools;
    private final String applicationName;
    private final Duration lockTimeout;

    /**
     * @param applicationName what {@code pg_stat_activity} shows of pg_dump
     * @param lockTimeout how long pg_dump waits for its ACCESS SHARE locks
     */
    public DumpSchema(Connections source, ClientTools tools, String applicationName, Duration lockTimeout) {
        this.source = source;
        this.tools = tools;
        this.applicationName = applicationName;
        this.lockTimeout = lockTimeout;
    }

    /**
     * Dumps, and writes the files to {@code schema/} in the backup's folder, over those of an earlier attempt.
     *
     * @param connection in the snapshot's transaction; stays open and unchanged
     * @param snapshot what {@code pg_export_snapshot()} returned; its transaction must stay open meanwhile
     * @param workFolder for temporary files; must exist
     * @param store where the backup is written
     * @param backupFolder the backup's folder, as a path of the store
     * @throws BackupException CLIENT_TOOL when pg_dump or pg_restore is missing, too old, or fails; UNSUITABLE when a
     *     selected table can not be without an unselected one; STORAGE when a file can not be written
     */
    public SchemaDump run(
            Connection connection,
            String snapshot,
            SchemaRequest request,
            Path workFolder,
            BackupStore store,
            String backupFolder) {
        Path archive = workFolder.resolve("schema.archive");
        try {
            int major = Query.one(
                    connection, "SELECT current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
            List<Warning> warnings = new ArrayList<>();
            ServerCapabilities server = ServerCapabilities.of(connection);
            Set<TableName> internal = InternalRelations.read(connection, server);
            warnings.addAll(dump(connection, snapshot, internal, major, archive, workFolder));
            ReadArchive reader = new ReadArchive(tools.find("pg_restore", major), archive, workFolder);
            SplitArchive.Parts post = reader.section(Section.POST_DATA);
            SplitArchive.Parts pre =
                    ExtensionEntries.with(connection, reader.section(Section.PRE_DATA), post.entries(), request);
            SchemaCatalog catalog = catalog(connection, pre, post, internal, request);
            ChooseEntries choice = new ChooseEntries(request, catalog);
            List<SchemaEntry> entries = choice.run(Stream.concat(pre.entries().stream(), post.entries().stream())
                    .toList());
            warnings.addAll(choice.warnings());
            SchemaFiles files = write(new WriteSchema(store, backupFolder), request, pre, post, entries, choice);
            return new SchemaDump(files, choice.refresh(), warnings);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the schema of " + source.address(), e);
        } finally {
            ReadArchive.delete(archive);
        }
    }

    private List<Warning> dump(
            Connection connection, String snapshot, Set<TableName> internal, int major, Path archive, Path workFolder)
            throws SQLException {
        ClientTool pgDump = tools.find("pg_dump", major);
        ClientProcess process = ClientProcess.connected(pgDump, source, applicationName)
                .settings(source.withoutLoginTriggers())
                .arguments("--format=custom", "--compress=0", "--schema-only", "--encoding=UTF8")
                .arguments("--snapshot=" + snapshot, "--lock-wait-timeout=" + lockTimeout.toMillis())
                .arguments("--file=" + archive)
                .timeout(TIMEOUT);
        if (pgDump.major() >= 18) {
            process.arguments("--no-statistics");
        }
        for (String ledger : RestoreLedgers.schemas(connection)) {
            process.arguments("--exclude-schema=" + Identifiers.quote(ledger));
        }
        List<String> patterns = DumpFilter.of(connection, internal);
        Path filter = workFolder.resolve("schema.filter");
        try {
            if (pgDump.major() >= 17) {
                process.arguments("--exclude-extension=timescaledb");
                String lines = patterns.stream()
                        .map(pattern -> "exclude table " + pattern + "\n")
                        .collect(Collectors.joining());
                Files.writeString(filter, lines, StandardCharsets.UTF_8);
                process.arguments("--filter=" + filter);
            } else {
                // how an argument's other letters reach the program depends on this one's locale
                patterns.stream()
                        .filter(pattern ->
                                StandardCharsets.US_ASCII.newEncoder().canEncode(pattern))
                        .limit(MOST_ARGUMENTS)
                        .forEach(pattern -> process.arguments("--exclude-table=" + pattern));
            }
            ClientMessages messages = run(process).messages();
            return messages.warnings().stream()
                    .map(text -> new Warning("pg-dump", "pg_dump: " + text))
                    .toList();
        } catch (IOException e) {
            throw new BackupException(Problem.STORAGE, "cannot write " + filter + ": " + e.getMessage(), null, e);
        } finally {
            ReadArchive.delete(filter);
        }
    }

    /** A session outlives its pg_dump while it waits for a lock: after a failure it is cancelled. */
    private ClientProcess.Ended run(ClientProcess process) {
        boolean done = false;
        try {
            ClientProcess.Ended ended = process.run();
            done = true;
            return ended;
        } finally {
            if (!done) {
                new CancelSessions(source, applicationName).named(applicationName);
            }
        }
    }

    private static SchemaCatalog catalog(
            Connection connection,
            SplitArchive.Parts pre,
            SplitArchive.Parts post,
            Set<TableName> internal,
            SchemaRequest request)
            throws SQLException {
        Long[] oids = Stream.concat(pre.entries().stream(), post.entries().stream())
                .map(ArchiveEntry::oid)
                .filter(oid -> oid != 0)
                .distinct()
                .toArray(Long[]::new);
        return SchemaCatalog.read(connection, oids, internal, request.timescaleSchema() != null);
    }

    private static SchemaFiles write(
            WriteSchema files,
            SchemaRequest request,
            SplitArchive.Parts pre,
            SplitArchive.Parts post,
            List<SchemaEntry> entries,
            ChooseEntries choice) {
        Map<Section, List<SchemaEntry>> sections =
                entries.stream().collect(Collectors.groupingBy(SchemaEntry::section));
        Map<Integer, String> bodies = choice.texts();
        WriteSchema.Written preData =
                files.section(PRE_DATA, pre, sections.getOrDefault(Section.PRE_DATA, List.of()), bodies);
        List<String> statements = new ArrayList<>();
        request.hypertables()
                .forEach((table, hypertable) -> statements.addAll(
                        HypertableDdl.statements(table, hypertable, String.valueOf(request.timescaleSchema()))));
        FileEntry hypertables = files.statements(
                HYPERTABLES,
                "Makes hypertables of the empty tables: after " + PRE_DATA + ", before any row.",
                statements);
        List<FileEntry> written = new ArrayList<>(List.of(preData.file(), hypertables));
        List<SchemaEntry> placed = new ArrayList<>(preData.entries());
        if (!request.aggregates().isEmpty()) {
            written.add(files.statements(
                    AGGREGATES,
                    "Creates continuous aggregates over the empty hypertables: after " + HYPERTABLES
                            + ", before any row.",
                    aggregates(request)));
            // begins as the other file of before the data does
            WriteSchema.Written late = files.section(LATE, pre, sections.getOrDefault(Section.LATE, List.of()), bodies);
            written.add(late.file());
            placed.addAll(late.entries());
        }
        WriteSchema.Written postData =
                files.section(POST_DATA, post, sections.getOrDefault(Section.POST_DATA, List.of()), bodies);
        written.add(postData.file());
        placed.addAll(postData.entries());
        return new SchemaFiles(
                written, new SchemaFiles.Preambles(preData.preambleLength(), postData.preambleLength()), placed);
    }

    private static List<String> aggregates(SchemaRequest request) {
        String timescaleSchema = String.valueOf(request.timescaleSchema());
        // days and months are added in the session's time zone
        List<String> statements = new ArrayList<>(List.of("SET TimeZone = 'UTC'"));
        for (AggregateDdl aggregate : request.aggregates()) {
            statements.addAll(aggregate.create(timescaleSchema));
            for (AggregateDdl.Statement statement : aggregate.settle(timescaleSchema)) {
                statements.add(
                        statement.mayBeTooSmall()
                                ? "\\set ON_ERROR_STOP off\n-- \"refresh window too small\" means that nothing is to be done\n"
                                        + statement.sql() + ";\n\\set ON_ERROR_STOP on\nSELECT"
                                : statement.sql());
            }
        }
        return statements;
    }
}
