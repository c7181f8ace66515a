package io.hyperkeep.archive;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.PendingFile;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes of a dump that pg_dump has written what a restore needs: the order of its entries, the database's properties, and
 * every file's checksum. Not thread-safe.
 */
public final class WriteArchive {
    /** The folder that pg_dump writes, below the backup's. */
    public static final String DUMP = "dump";

    static final String PRE_DATA = "restore/1-pre-data.list";
    static final String CATALOG = "restore/2-catalog.list";
    static final String DATA = "restore/3-data.list";
    static final String POST_DATA = "restore/4-post-data.list";
    static final String LATE = "restore/5-late.list";
    static final String PROPERTIES = "restore/6-properties.sql";

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
     * @throws io.hyperkeep.problem.BackupException CLIENT_TOOL when the archive can not be listed; STORAGE
     */
    public DatabaseDump run(Connection connection, boolean timescale, DumpDatabase.Dumped dumped) throws SQLException {
        DiscoverProperties discover = new DiscoverProperties();
        DatabaseProperties properties = discover.read(connection);
        RestoreOrder order = RestoreOrder.of(
                new RestoreOrder.Sections(list("pre-data"), list("data"), list("post-data")),
                timescale ? ofTimescale(connection) : Set.of(),
                timescale ? keysToHypertables(connection) : Set.of());
        Map<String, String> texts = new TreeMap<>(Map.of(
                PRE_DATA, lines(order.preData()),
                CATALOG, lines(order.catalog()),
                DATA, lines(order.data()),
                POST_DATA, lines(order.postData()),
                LATE, lines(order.late()),
                PROPERTIES, PropertiesSql.of(properties)));
        List<FileEntry> files = new ArrayList<>();
        try {
            for (String name : store.list(folder + "/" + DUMP)) {
                files.add(hash(DUMP + "/" + name));
            }
            store.force(folder);
        } catch (IOException e) {
            throw StorageErrors.reading(root.resolve(folder).resolve(DUMP).toString(), e);
        }
        texts.forEach((path, text) -> files.add(write(path, text)));
        return new DatabaseDump(
                dumped.tool(), dumped.compression(), files, discover.roles(connection), properties, dumped.harmless());
    }

    private List<String> list(String section) {
        return ClientProcess.offline(pgRestore)
                .arguments(
                        "--list",
                        "--section=" + section,
                        root.resolve(folder).resolve(DUMP).toString())
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

    private static Set<Long> keysToHypertables(Connection connection) throws SQLException {
        return new HashSet<>(Query.list(connection, """
                SELECT k.oid::bigint FROM pg_catalog.pg_constraint k
                  JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN _timescaledb_catalog.hypertable h ON h.schema_name = n.nspname AND h.table_name = c.relname
                 WHERE k.contype = 'f'
                """, row -> row.getLong(1)));
    }

    private FileEntry write(String path, String text) {
        int slash = path.lastIndexOf('/');
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (PendingFile file = store.begin(folder + "/" + path.substring(0, slash), path.substring(slash + 1))) {
            file.stream().write(bytes);
            file.commit(path.substring(slash + 1));
        } catch (IOException e) {
            throw StorageErrors.writing(root.resolve(folder).resolve(path).toString(), e);
        }
        return new FileEntry(path, bytes.length, HexFormat.of().formatHex(sha256().digest(bytes)));
    }

    private FileEntry hash(String path) throws IOException {
        MessageDigest sha256 = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        long bytes = 0;
        try (InputStream in = store.open(folder + "/" + path)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(buffer, 0, n);
                bytes += n;
            }
        }
        return new FileEntry(path, bytes, HexFormat.of().formatHex(sha256.digest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
