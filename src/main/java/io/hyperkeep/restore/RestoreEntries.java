package io.hyperkeep.restore;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.CancelSessions;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.SchemaFiles;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.schema.DumpSchema;
import io.hyperkeep.schema.RestoreSchema;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.CompareRows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs the schema's entries in the target, each in one transaction with its row in the ledger: before the data, and in
 * the stages of {@link PostDataStages} after it.
 *
 * <p>Repeatable: an entry that the ledger has is not run again. Not thread-safe.
 */
public final class RestoreEntries {
    /** An index of a table of a terabyte takes hours; this only keeps a hung psql from waiting for ever. */
    private static final Duration TIMEOUT = Duration.ofDays(7);

    /** From here on an entry takes far longer than starting psql. */
    private static final long BIG_TABLE = 32L << 20;

    private static final int BATCH = 50;

    /** For as many builds as sessions: processes that help each of them would only take turns. */
    private static final String NO_PARALLEL_BUILD = "SET max_parallel_maintenance_workers = 0;\n";

    /** Of building one index on a hypertable: the chunk, its index, its constraint. */
    private static final long LOCKS_PER_CHUNK = 3;

    private final BackupFolder backup;
    private final Connections target;
    private final ClientTools tools;
    private final String application;

    /** The one that was read last: where its schema is called otherwise, it knows. */
    private volatile @Nullable Ledger ledger;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public RestoreEntries(BackupFolder backup, Connections target, ClientTools tools, String application) {
        this.backup = backup;
        this.target = target;
        this.tools = tools;
        this.application = application;
    }

    /**
     * What comes before any data: types, functions, tables, views. A schema that exists is used as it is.
     *
     * @throws io.hyperkeep.problem.BackupException naming the object that failed; what came before it stays
     */
    public void preData(RestorePlan plan) {
        List<SchemaEntry> open = open(plan.preData(), Ledger.of(plan), connection -> {
            Set<String> schemas = Set.copyOf(
                    Query.list(connection, "SELECT nspname FROM pg_catalog.pg_namespace", row -> row.getString(1)));
            createSchemas(connection, plan, schemas);
            return entry -> entry.type().equals("SCHEMA")
                    && schemas.contains(plan.names().ofSchema(entry.name()));
        });
        inSessions(plan, "pre-data", "", psql -> run(psql, plan, Section.PRE_DATA, open));
    }

    /** What an extension brings is none of the backup's objects: it stays in its schema, also when that is mapped. */
    private static Set<String> schemasOfExtensions(RestorePlan plan) {
        Set<String> extensions = plan.preData().stream()
                .filter(entry -> entry.type().equals("EXTENSION"))
                .map(SchemaEntry::name)
                .collect(Collectors.toSet());
        List<SchemaObject> objects = plan.manifest().objects();
        return objects == null
                ? Set.of()
                : objects.stream()
                        .filter(object -> object.kind().equals("extension") && extensions.contains(object.name()))
                        .map(object -> object.facets().get("schema"))
                        .filter(schema ->
                                schema != null && !plan.names().ofSchema(schema).equals(schema))
                        .collect(Collectors.toSet());
    }

    /** Schemas that the backup does not have, but that renamed objects or extensions go to. */
    private static void createSchemas(Connection connection, RestorePlan plan, Set<String> there) throws SQLException {
        Set<String> missing =
                plan.isDataOnly() ? new HashSet<>() : new HashSet<>(plan.names().newSchemas());
        missing.addAll(schemasOfExtensions(plan));
        missing.removeAll(there);
        plan.preData().stream()
                .filter(entry -> entry.type().equals("SCHEMA"))
                .forEach(entry -> missing.remove(plan.names().ofSchema(entry.name())));
        for (String schema : missing) {
            Query.execute(connection, "CREATE SCHEMA IF NOT EXISTS " + Identifiers.quote(schema));
        }
    }

    /**
     * What needs a continuous aggregate: views, functions, grants on the aggregates themselves.
     *
     * @throws io.hyperkeep.problem.BackupException naming the object that failed; what came before it stays
     */
    public void late(RestorePlan plan) {
        List<SchemaEntry> open = open(plan.late(), Ledger.of(plan), connection -> entry -> false);
        inSessions(plan, "late", "", psql -> run(psql, plan, Section.LATE, open));
    }

    /**
     * Keys of tables whose other columns a continuous aggregate takes as given by them: while the tables are empty, and
     * before the aggregate.
     *
     * @param tables their names in the target
     * @throws io.hyperkeep.problem.BackupException naming the object that failed
     */
    public void keys(RestorePlan plan, Set<TableName> tables) {
        List<SchemaEntry> keys = PostDataStages.of(plan).waves().stream()
                .flatMap(List::stream)
                .filter(entry ->
                        entry.table() != null && tables.contains(plan.names().of(entry.table())))
                .filter(entry -> isPrimaryKey(plan, entry))
                .toList();
        List<SchemaEntry> open = open(keys, Ledger.of(plan), connection -> entry -> false);
        inSessions(plan, "keys", "", psql -> run(psql, plan, Section.POST_DATA, open));
    }

    private static boolean isPrimaryKey(RestorePlan plan, SchemaEntry entry) {
        return entry.type().equals("CONSTRAINT")
                && plan.tables().stream()
                        .filter(table -> table.name().equals(entry.table()))
                        .flatMap(table -> table.constraints().stream()
                                .filter(constraint -> constraint.definition().startsWith("PRIMARY KEY "))
                                .map(constraint -> table.name().name() + " " + constraint.name()))
                        .anyMatch(entry.name()::equals);
    }

    /**
     * Indexes of hypertables with so many chunks that the server's lock table could not hold the locks of building one
     * index on all of them: built while the hypertable has no chunk yet, so that each chunk is created with its own.
     * Does nothing for other tables.
     *
     * @throws io.hyperkeep.problem.BackupException naming the object that failed
     */
    public void indexesBeforeChunks(RestorePlan plan) {
        Set<TableName> crowded = crowded(plan, 1);
        List<SchemaEntry> early = PostDataStages.of(plan).waves().stream()
                .flatMap(List::stream)
                .filter(entry -> entry.table() != null && crowded.contains(entry.table()))
                .toList();
        List<SchemaEntry> open = open(early, Ledger.of(plan), connection -> entry -> false);
        inSessions(plan, "indexes", "", psql -> run(psql, plan, Section.POST_DATA, open));
    }

    /**
     * Indexes, primary keys, unique and exclusion constraints, several at once, those of the biggest tables first.
     * Sessions that have none left to build read big tables back meanwhile.
     *
     * @param jobs number of sessions
     * @param compare what it reads back now need not be read later
     * @throws io.hyperkeep.problem.BackupException naming the object that failed; what was built stays
     */
    public void indexes(RestorePlan plan, int jobs, CompareTarget compare) {
        for (List<SchemaEntry> wave : PostDataStages.of(plan).waves()) {
            List<SchemaEntry> open = open(wave, Ledger.of(plan), connection -> entry -> false);
            List<Batch> batches = batches(plan, open, crowded(plan, jobs));
            if (batches.isEmpty()) {
                continue;
            }
            List<Work> work = new ArrayList<>(batches);
            compare.begin(readable(plan, open)).forEach(piece -> work.add(new Reading(piece)));
            String settings = batches.size() < jobs ? "" : NO_PARALLEL_BUILD;
            inSessions(
                    plan,
                    "indexes",
                    settings,
                    psql -> Crew.work("indexes", jobs, work, () -> new BuilderAndReader(psql, plan, compare)));
        }
    }

    /** Big tables of which this wave builds nothing that keeps readers waiting, by their names in the target. */
    private static Set<TableName> readable(RestorePlan plan, List<SchemaEntry> wave) {
        Set<TableName> locked = wave.stream()
                // an index lets others read; a constraint takes the table for itself
                .filter(entry -> !entry.type().equals("INDEX"))
                .map(SchemaEntry::table)
                .collect(Collectors.toSet());
        return plan.tables().stream()
                .filter(table -> bytes(table) >= BIG_TABLE)
                // their rows are written anew after that, and are to be read as they are at the end
                .filter(table -> !plan.compresses(table))
                .map(TableEntry::name)
                .filter(table -> !locked.contains(table))
                .map(plan.names()::of)
                .collect(Collectors.toSet());
    }

    private static long bytes(TableEntry table) {
        return table.units().stream().mapToLong(UnitEntry::csvBytes).sum();
    }

    /**
     * Foreign keys, one after the other: two at once may wait for each other's tables.
     *
     * @throws io.hyperkeep.problem.BackupException naming the object that failed
     */
    public void foreignKeys(RestorePlan plan) {
        after(plan, "foreign-keys", PostDataStages.of(plan).foreignKeys());
    }

    /**
     * Everything else: triggers, rules, policies, publications, in pg_dump's order.
     *
     * @throws io.hyperkeep.problem.BackupException naming the object that failed
     */
    public void rest(RestorePlan plan) {
        after(plan, "post-data", PostDataStages.of(plan).rest());
    }

    /**
     * What had to wait until chunks are compressed: foreign keys that reference such a hypertable.
     *
     * @throws io.hyperkeep.problem.BackupException naming the object that failed
     */
    public void afterCompression(RestorePlan plan) {
        after(plan, "foreign-keys", PostDataStages.of(plan).late());
    }

    /**
     * Event triggers, after everything else that they would fire on.
     *
     * @throws io.hyperkeep.problem.BackupException naming the object that failed
     */
    public void eventTriggers(RestorePlan plan) {
        after(plan, "event-triggers", PostDataStages.of(plan).eventTriggers());
        target.lookForLoginTriggersAgain();
    }

    private void after(RestorePlan plan, String step, List<SchemaEntry> entries) {
        List<SchemaEntry> open = open(entries, Ledger.of(plan), connection -> entry -> false);
        inSessions(plan, step, "", psql -> run(psql, plan, Section.POST_DATA, open));
    }

    /** What a session can do while indexes are built. */
    private sealed interface Work permits Batch, Reading {}

    /** Entries to run in one go. */
    private record Batch(List<SchemaEntry> entries, long weight) implements Work {}

    /** Rows to read back. */
    private record Reading(CompareRows.Piece piece) implements Work {}

    private static List<Batch> batches(RestorePlan plan, List<SchemaEntry> entries, Set<TableName> crowded) {
        List<Batch> batches = new ArrayList<>();
        List<SchemaEntry> small = new ArrayList<>();
        // the locks of one such index fit into the server's lock table, those of several at once would not
        List<SchemaEntry> alone = new ArrayList<>();
        for (SchemaEntry entry : entries) {
            if (entry.table() != null && crowded.contains(entry.table())) {
                alone.add(entry);
                continue;
            }
            long bytes = plan.tables().stream()
                    .filter(table -> table.name().equals(entry.table()))
                    .mapToLong(RestoreEntries::bytes)
                    .sum();
            if (bytes >= BIG_TABLE) {
                batches.add(new Batch(List.of(entry), bytes));
            } else {
                small.add(entry);
                if (small.size() == BATCH) {
                    batches.add(new Batch(List.copyOf(small), 0));
                    small.clear();
                }
            }
        }
        if (!small.isEmpty()) {
            batches.add(new Batch(List.copyOf(small), 0));
        }
        if (!alone.isEmpty()) {
            batches.add(new Batch(List.copyOf(alone), Long.MAX_VALUE));
        }
        batches.sort(Comparator.comparingLong(Batch::weight).reversed());
        return batches;
    }

    @FunctionalInterface
    private interface Skip {
        Predicate<SchemaEntry> in(Connection connection) throws SQLException;
    }

    private List<SchemaEntry> open(List<SchemaEntry> entries, Ledger read, Skip skip) {
        try (Connection connection = target.open(application + "/schema")) {
            Set<String> done = read.done(connection);
            ledger = read;
            Predicate<SchemaEntry> skipped = skip.in(connection);
            return entries.stream()
                    .filter(entry -> !done.contains(item(entry)) && !skipped.test(entry))
                    .toList();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the ledger of " + target.address(), e);
        }
    }

    /** Hypertables of which so many indexes at once would take more locks than the server has, by the backup's names. */
    private Set<TableName> crowded(RestorePlan plan, int indexes) {
        try (Connection connection = target.open(application + "/schema")) {
            long locks = Query.one(connection, """
                    SELECT current_setting('max_locks_per_transaction')::bigint
                         * (current_setting('max_connections')::bigint
                            + current_setting('max_prepared_transactions')::bigint)
                    """, row -> row.getLong(1));
            Set<TableName> crowded = plan.withChunksAhead().stream()
                    .filter(table -> table.hypertable().chunks().size() * LOCKS_PER_CHUNK * indexes > locks / 5 * 4)
                    .map(TableEntry::name)
                    .collect(Collectors.toSet());
            return plan.tables().stream()
                    .map(TableEntry::name)
                    .filter(table -> crowded.contains(plan.names().of(table)))
                    .collect(Collectors.toSet());
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the settings of " + target.address(), e);
        }
    }

    /** What the ledger calls an entry. */
    static String item(SchemaEntry entry) {
        return "schema entry " + entry.id();
    }

    /** Those that the target cannot or is not to have, as {@link MissingTablespaces} names them. */
    private Predicate<String> tablespaces(RestorePlan plan) {
        if (plan.options().noTablespaces()) {
            return tablespace -> true;
        }
        try (Connection connection = target.open(application + "/schema")) {
            Set<String> there = MissingTablespaces.there(connection);
            return tablespace -> !there.contains(tablespace);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the tablespaces of " + target.address(), e);
        }
    }

    private ClientTool findPsql() {
        try (Connection connection = target.open(application + "/schema")) {
            return tools.find("psql", ServerCapabilities.of(connection).serverMajor());
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the version of " + target.address(), e);
        }
    }

    @FunctionalInterface
    private interface Sessions {
        void with(RestoreSchema psql);
    }

    /** A session outlives its psql until its statement ends: after a failure, what still runs is cancelled. */
    private void inSessions(RestorePlan plan, String step, String settings, Sessions work) {
        String name = application + "/" + step;
        boolean done = false;
        try {
            work.with(new RestoreSchema(target, findPsql(), name, settings, TIMEOUT).without(tablespaces(plan)));
            done = true;
        } finally {
            if (!done) {
                new CancelSessions(target, application).named(name);
            }
        }
    }

    private void run(RestoreSchema psql, RestorePlan plan, Section section, List<SchemaEntry> entries) {
        Ledger read = Objects.requireNonNull(ledger, "the ledger was not read");
        String name =
                switch (section) {
                    case PRE_DATA -> DumpSchema.PRE_DATA;
                    case LATE -> DumpSchema.LATE;
                    case POST_DATA -> DumpSchema.POST_DATA;
                };
        SchemaFiles.Preambles lengths = plan.manifest().schema().preambleLength();
        int preamble = section == Section.POST_DATA ? lengths.postData() : lengths.preData();
        Path file = backup.path().resolve("schema").resolve(name);
        psql.run(file, preamble, entries, plan.names().sql(), entry -> Optional.of(read.enterSql(item(entry))));
    }

    private final class BuilderAndReader implements Hand<Work> {
        private final RestoreSchema psql;
        private final RestorePlan plan;
        private final CompareTarget compare;
        private volatile @Nullable Thread building;
        private volatile @Nullable Hand<CompareRows.Piece> reader;

        BuilderAndReader(RestoreSchema psql, RestorePlan plan, CompareTarget compare) {
            this.psql = psql;
            this.plan = plan;
            this.compare = compare;
        }

        @Override
        public void work(Work work) throws InterruptedException {
            if (work instanceof Batch batch) {
                building = Thread.currentThread();
                run(psql, plan, Section.POST_DATA, batch.entries());
                building = null;
            } else if (work instanceof Reading reading) {
                Hand<CompareRows.Piece> hand = reader;
                if (hand == null) {
                    hand = compare.reader();
                    reader = hand;
                }
                hand.work(reading.piece());
            }
        }

        @Override
        public void cancel() {
            Thread thread = building;
            if (thread != null) {
                thread.interrupt();
            }
            Hand<CompareRows.Piece> hand = reader;
            if (hand != null) {
                hand.cancel();
            }
        }

        @Override
        public void close() {
            building = null;
            Hand<CompareRows.Piece> hand = reader;
            if (hand != null) {
                hand.close();
            }
        }
    }
}
