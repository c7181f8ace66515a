package io.hyperkeep.archive;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.DumpFormat;
import io.hyperkeep.manifest.DumpedRelation;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.PropertiesSql;
import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.StorageErrors;
import io.hyperkeep.storage.TextFile;
import io.hyperkeep.verify.Checksummed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a dump that pg_dump has written what a restore needs: the order of its entries, the database's properties, and
 * every file's checksum. Not thread-safe.
 */
public final class WriteArchive {
    /** The folder that pg_dump's files are in, below the backup's. */
    public static final String DUMP = "dump";

    static final String PRE_DATA = "restore/1-pre-data.list";
    static final String CATALOG = "restore/2-catalog.list";
    static final String UNCHECKED = "restore/2-catalog-unchecked.list";
    static final String DATA = "restore/3-data.list";
    static final String CHECKED = "restore/3-data-checked.list";
    static final String POST_DATA = "restore/4-post-data.list";
    static final String CLUSTERED = "restore/4-post-data-clustered.list";
    static final String ATTACHED = "restore/4-post-data-attached.list";
    static final String KEYS = "restore/4-post-data-keys.list";
    static final String VIEWS = "restore/5-views.list";
    static final String LATE = "restore/5-late.list";
    static final String STATISTICS = "restore/5-statistics.list";

    /** The database's properties as SQL, below the backup's folder. */
    public static final String PROPERTIES = "restore/6-properties.sql";

    /** A data file is called by its entry's number, and by how it is compressed. */
    private static final Pattern DATA_FILE = Pattern.compile("(\\d+)\\.dat.*");

    private static final int BUFFER_BYTES = 1 << 18;

    private final ClientTool pgRestore;
    private final BackupStore store;
    private final Path root;
    private final String folder;

    /**
     * @param pgRestore lists the archive's entries, which proves that it can be read
     * @param store where the backup is
     * @param root the store's folder on disk
     * @param folder the backup's folder in the store
     */
    public WriteArchive(ClientTool pgRestore, BackupStore store, Path root, String folder) {
        this.pgRestore = pgRestore;
        this.store = store;
        this.root = root;
        this.folder = folder;
    }

    /**
     * Writes the lists and hashes all.
     *
     * @param connection in the snapshot that was dumped
     * @param dumped what pg_dump did
     * @param jobs number of files that are read at the same time
     * @throws io.hyperkeep.problem.BackupException CLIENT_TOOL when the archive can not be listed; STORAGE
     */
    public DatabaseDump run(Connection connection, boolean timescale, DumpDatabase.Dumped dumped, int jobs)
            throws SQLException {
        DiscoverProperties discover = new DiscoverProperties();
        DatabaseProperties properties = discover.read(connection);
        RestoreOrder order = RestoreOrder.of(
                new RestoreOrder.Sections(
                        list(dumped.format(), "pre-data"),
                        list(dumped.format(), "data"),
                        list(dumped.format(), "post-data")),
                new RestoreOrder.Special(
                        timescale ? ofTimescale(connection) : Set.of(),
                        checkedByFunctions(connection),
                        timescale ? keysToHypertables(connection) : Set.of(),
                        clusteredBesideIdentity(connection)));
        Map<String, String> texts = new TreeMap<>();
        texts.put(PRE_DATA, lines(order.preData()));
        texts.put(CATALOG, lines(order.catalog()));
        texts.put(UNCHECKED, lines(order.unchecked()));
        texts.put(DATA, lines(order.data()));
        texts.put(CHECKED, lines(order.checked()));
        texts.put(POST_DATA, lines(order.postData()));
        texts.put(CLUSTERED, lines(order.clustered()));
        texts.put(ATTACHED, lines(order.attached()));
        texts.put(KEYS, lines(order.keys()));
        texts.put(VIEWS, lines(order.views()));
        texts.put(LATE, lines(order.late()));
        texts.put(STATISTICS, lines(order.statistics()));
        texts.put(PROPERTIES, PropertiesSql.of(properties));
        List<String> names;
        try {
            names = store.list(folder + "/" + DUMP);
            store.force(folder);
        } catch (IOException e) {
            throw StorageErrors.reading(root.resolve(folder).resolve(DUMP).toString(), e);
        }
        List<FileEntry> files = hash(names, jobs);
        texts.forEach((path, text) -> files.add(TextFile.write(store, root, folder, path, text)));
        return new DatabaseDump(
                dumped.tool(),
                dumped.format(),
                dumped.compression(),
                files,
                discover.roles(connection),
                discover.owners(connection),
                properties,
                relations(connection, order.rows(), dumped.format(), names),
                dumped.harmless());
    }

    /** What of the archive's rows is the database's own: rows that an extension brings along are not only there. */
    private static List<DumpedRelation> relations(
            Connection connection, List<RestoreOrder.Rows> rows, DumpFormat format, List<String> names)
            throws SQLException {
        Map<Long, String> files = new HashMap<>();
        for (String name : names) {
            Matcher file = DATA_FILE.matcher(name);
            if (file.matches()) {
                files.put(Long.valueOf(file.group(1)), DUMP + "/" + name);
            }
        }
        Map<Long, Long> entryOf = new HashMap<>();
        rows.forEach(row -> entryOf.put(row.table(), row.entry()));
        return Query.list(
                connection,
                """
                SELECT n.nspname, c.relname, c.oid::bigint,
                       ARRAY (SELECT a.attname FROM pg_catalog.pg_attribute a
                               WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                               ORDER BY a.attnum)
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.oid = ANY (?)
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                                      AND d.deptype = 'e')
                 ORDER BY 1, 2
                """,
                row -> {
                    Long entry = Objects.requireNonNull(entryOf.get(row.getLong(3)));
                    TableName name = new TableName(row.getString(1), row.getString(2));
                    List<String> columns = List.of((String[]) row.getArray(4).getArray());
                    return format == DumpFormat.CUSTOM
                            ? new DumpedRelation(name, format.archive(), entry, columns)
                            : new DumpedRelation(
                                    name, Objects.requireNonNull(files.get(entry), name.toString()), null, columns);
                },
                (Object) rows.stream().map(RestoreOrder.Rows::table).toArray(Long[]::new));
    }

    /**
     * Reads where the archive has a restore set sequences.
     *
     * @param read the database's sequences, as they were read beside the archive
     * @return the same as the archive has them
     * @throws BackupException MISMATCH when the archive does not set one of them; CLIENT_TOOL; STORAGE
     */
    public List<SequenceState> sequences(DumpFormat format, List<SequenceState> read) {
        List<String> entries = ArchivedSequences.entries(list(format, "data"));
        if (entries.isEmpty()) {
            return ArchivedSequences.of(read, "");
        }
        Path list = null;
        try {
            list = Files.createTempFile(
                    "hyperkeep-",
                    ".list",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(list, lines(entries));
            return ArchivedSequences.of(
                    read,
                    ClientProcess.offline(pgRestore)
                            .arguments("--use-list=" + list, "--file=-", archive(format))
                            .run()
                            .output());
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot write a temporary file: " + e.getMessage(), "is the disk full?", e);
        } finally {
            delete(list);
        }
    }

    private static void delete(@Nullable Path list) {
        try {
            if (list != null) {
                Files.deleteIfExists(list);
            }
        } catch (IOException e) {
            list.toFile().deleteOnExit();
        }
    }

    private String archive(DumpFormat format) {
        return root.resolve(folder).resolve(format.archive()).toString();
    }

    private List<String> list(DumpFormat format, String section) {
        return ClientProcess.offline(pgRestore)
                .arguments("--list", "--section=" + section, archive(format))
                .run()
                .output()
                .lines()
                .toList();
    }

    private static String lines(List<String> entries) {
        return entries.isEmpty() ? "" : String.join("\n", entries) + "\n";
    }

    private static Set<Long> ofTimescale(Connection connection) throws SQLException {
        return new HashSet<>(Query.list(connection, """
                SELECT d.objid::bigint FROM pg_catalog.pg_depend d
                  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'timescaledb'
                 WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
                   AND d.classid = 'pg_catalog.pg_class'::regclass
                """, row -> row.getLong(1)));
    }

    /** PostgreSQL takes any function in a CHECK, also one that reads another table, which then has to have its rows. */
    private static Set<Long> checkedByFunctions(Connection connection) throws SQLException {
        return new HashSet<>(Query.list(connection, """
                WITH by_function AS (
                       SELECT c.conrelid, c.contypid FROM pg_catalog.pg_constraint c
                        WHERE c.contype = 'c' AND EXISTS (
                              SELECT FROM pg_catalog.pg_depend d
                                JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid AND p.provolatile <> 'i'
                                JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal')
                               WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = c.oid
                                 AND d.refclassid = 'pg_catalog.pg_proc'::regclass))
                SELECT f.conrelid::bigint FROM by_function f WHERE f.conrelid <> 0::oid
                UNION SELECT a.attrelid::bigint FROM by_function f
                        JOIN pg_catalog.pg_attribute a ON a.atttypid = f.contypid AND NOT a.attisdropped
                       WHERE f.contypid <> 0::oid
                """, row -> row.getLong(1)));
    }

    private static Set<Long> keysToHypertables(Connection connection) throws SQLException {
        return new HashSet<>(Query.list(connection, """
                SELECT k.oid::bigint FROM pg_catalog.pg_constraint k
                  JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN _timescaledb_catalog.hypertable h ON h.schema_name = n.nspname AND h.table_name = c.relname
                 WHERE k.contype = 'f'
                """, row -> row.getLong(1)));
    }

    private static Set<Long> clusteredBesideIdentity(Connection connection) throws SQLException {
        return new HashSet<>(Query.list(connection, """
                SELECT c.indexrelid::bigint FROM pg_catalog.pg_index c
                  JOIN pg_catalog.pg_index i ON i.indrelid = c.indrelid AND i.indexrelid <> c.indexrelid
                 WHERE c.indisclustered AND i.indisreplident
                """, row -> row.getLong(1)));
    }

    private List<FileEntry> hash(List<String> names, int jobs) {
        Map<String, FileEntry> hashed = new ConcurrentHashMap<>();
        Crew.work("checksum", jobs, names, () -> new Hashing(hashed));
        return new ArrayList<>(names.stream().map(hashed::get).toList());
    }

    /** Reads files, which pg_dump has forced to disk, and hashes what it reads. */
    private final class Hashing implements Hand<String> {
        private final byte[] buffer = new byte[BUFFER_BYTES];
        private final Map<String, FileEntry> hashed;

        Hashing(Map<String, FileEntry> hashed) {
            this.hashed = hashed;
        }

        @Override
        public void work(String name) throws InterruptedException {
            String path = DUMP + "/" + name;
            long bytes = 0;
            try (Checksummed in = new Checksummed(store.open(folder + "/" + path))) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    bytes += n;
                }
                hashed.put(name, new FileEntry(path, bytes, in.sha256()));
            } catch (IOException e) {
                throw StorageErrors.reading(root.resolve(folder).resolve(path).toString(), e);
            }
        }

        @Override
        public void cancel() {
            // the crew interrupts its threads, which look at that once for each buffer
        }

        @Override
        public void close() {
            // every file is closed by the call that opened it
        }
    }
}
