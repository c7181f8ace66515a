package io.hyperkeep.export;

import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.postgresql.PGConnection;

/**
 * Everything that can happen to tables between two backups, at random: what is done depends on the seed alone, but for
 * operations that meet a lock, which are given up.
 */
final class RandomHistory implements AutoCloseable {
    private static final int PLAIN = 5;
    private static final int HYPERTABLES = 2;
    private static final int MOST_OPEN = 2;
    private static final int LABELS = 3;

    private final TimescaleServer server;
    private final String uri;
    private final Random random;
    private final Connection main;
    private final boolean prepares;
    private final boolean compresses;
    private final List<Connection> open = new ArrayList<>();
    private final List<String> prepared = new ArrayList<>();
    private final Map<String, Integer> done = new TreeMap<>();
    private final Map<String, String> addedColumns = new HashMap<>();
    private int serial;
    private int renamedMeanwhile;

    RandomHistory(TimescaleServer server, String uri, Random random) throws SQLException {
        this.server = server;
        this.uri = uri;
        this.random = random;
        this.main = connect();
        this.prepares = !one("SHOW max_prepared_transactions").equals("0");
        this.compresses = server.edition().equals("community");
        create();
    }

    private void create() throws SQLException {
        execute(main, "CREATE TYPE public.mood AS ENUM ('m0', 'm1', 'm2')");
        execute(main, "CREATE TYPE public.pair AS (a int, b public.mood)");
        execute(main, "CREATE DOMAIN public.short AS varchar(40)");
        for (int i = 0; i < PLAIN; i++) {
            execute(
                    main,
                    "CREATE TABLE public.p%d (id int, v text, m public.mood[] DEFAULT '{m0,m1}', c public.pair DEFAULT (1, 'm2'),"
                                    .formatted(i)
                            + " s public.short DEFAULT 's', n varchar(20) DEFAULT 'n', ts timestamp DEFAULT '2026-01-01 12:00')");
            execute(main, "CREATE INDEX p%d_id ON public.p%d (id)".formatted(i, i));
            execute(
                    main,
                    "INSERT INTO public.p%d (id, v) SELECT g, repeat('x', %d) FROM generate_series(1, %d) g"
                            .formatted(i, i == 0 ? 900 : 10, i == 0 ? 60 : 8));
        }
        for (int i = 0; i < HYPERTABLES; i++) {
            execute(
                    main,
                    "CREATE TABLE public.h%d (t timestamptz NOT NULL, id int, v text, m public.mood DEFAULT 'm0', n varchar(20) DEFAULT 'n')"
                            .formatted(i));
            execute(
                    main,
                    "SELECT create_hypertable('public.h%d', 't', chunk_time_interval => interval '1 day')"
                            .formatted(i));
            if (compresses) {
                execute(
                        main,
                        "ALTER TABLE public.h%d SET (timescaledb.compress, timescaledb.compress_segmentby = 'id')"
                                .formatted(i));
            }
            execute(
                    main,
                    "INSERT INTO public.h%d (t, id, v) SELECT '2026-01-01'::timestamptz + g * interval '6 hours', g, 'v'"
                                    .formatted(i)
                            + " FROM generate_series(0, 11) g");
        }
    }

    /** What was done how often, for the report. */
    Map<String, Integer> done() {
        return done;
    }

    /** How many tables have a history of their own. */
    int tables() {
        return PLAIN + HYPERTABLES;
    }

    /** Something for each table, or nothing: most tables rest most nights. */
    void night() throws SQLException {
        if (renamedMeanwhile > 0 && random.nextBoolean()) {
            // what was read in between has the other label, and nothing but the catalog row's xmin says so
            attempt("rename a label back", () -> renameLabel(renamedMeanwhile));
        }
        renamedMeanwhile = 0;
        endSomeOpen();
        for (int table = 0; table < tables(); table++) {
            if (random.nextInt(100) < 40) {
                int operations = 1 + random.nextInt(3);
                for (int i = 0; i < operations; i++) {
                    operation(table, true);
                }
            }
        }
        if (open.size() < MOST_OPEN && random.nextInt(100) < 25) {
            begin();
        }
    }

    /**
     * What happens between a snapshot and the look at a unit.
     *
     * @return whether a label of an enum was renamed, which no lock hinders, and which every reader sees at once
     */
    boolean meanwhile(boolean locked) throws SQLException {
        endSomeOpen();
        boolean renamed = random.nextInt(10) == 0;
        if (renamed) {
            renamedMeanwhile = 1 + random.nextInt(LABELS);
            attempt("rename a label meanwhile", () -> renameLabel(renamedMeanwhile));
        }
        for (int i = 0; i < 2; i++) {
            if (random.nextInt(100) < 40) {
                operation(random.nextInt(tables()), !locked);
            }
        }
        return renamed;
    }

    /** A transaction that stays open, with what it did in subtransactions, released and rolled back ones. */
    private void begin() throws SQLException {
        Connection writer = connect();
        writer.setAutoCommit(false);
        open.add(writer);
        String table = name(random.nextInt(tables()));
        attempt("open", () -> {
            if (random.nextBoolean()) {
                // the oldest of all when the snapshot is taken: its id is the bound itself
                execute(writer, "UPDATE " + table + " SET v = 'o" + ++serial + "'" + someRow(table));
                return;
            }
            // sometimes its own id comes first, sometimes with the first subtransaction's
            if (random.nextBoolean()) {
                dml(writer, table);
            }
            execute(writer, "SAVEPOINT one");
            dml(writer, table);
            execute(writer, "SAVEPOINT two");
            dml(writer, table);
            execute(writer, random.nextBoolean() ? "ROLLBACK TO SAVEPOINT two" : "RELEASE SAVEPOINT two");
            dml(writer, table);
        });
    }

    private void endSomeOpen() throws SQLException {
        for (Connection writer : List.copyOf(open)) {
            if (random.nextInt(100) < 50) {
                open.remove(writer);
                try (writer) {
                    String end = "COMMIT";
                    int how = random.nextInt(4);
                    if (how == 0) {
                        end = "ROLLBACK";
                    } else if (how == 1 && prepares) {
                        prepared.add("hyperkeep " + uri.hashCode() + " " + ++serial);
                        end = "PREPARE TRANSACTION '" + prepared.get(prepared.size() - 1) + "'";
                    }
                    String sql = end;
                    attempt(sql.split(" ")[0].toLowerCase(Locale.ROOT) + " an open one", () -> execute(writer, sql));
                }
            }
        }
        for (String transaction : List.copyOf(prepared)) {
            if (random.nextInt(100) < 50) {
                prepared.remove(transaction);
                String end = random.nextInt(4) == 0 ? "ROLLBACK" : "COMMIT";
                attempt("end a prepared one", () -> execute(main, end + " PREPARED '" + transaction + "'"));
            }
        }
    }

    private void operation(int table, boolean ddl) throws SQLException {
        String name = name(table);
        switch (random.nextInt(ddl ? 30 : 8)) {
            case 0 -> attempt("insert", () -> insert(main, name, 1 + random.nextInt(3)));
            case 1 -> attempt("delete", () -> delete(main, name));
            case 2 ->
                attempt(
                        "update",
                        () -> execute(main, "UPDATE " + name + " SET v = 'u" + ++serial + "'" + someRow(name)));
            case 3 ->
                attempt("update to the same", () -> execute(main, "UPDATE " + name + " SET v = v" + someRow(name)));
            case 4, 5 ->
                attempt(
                        "insert one, delete another",
                        () -> transaction(true, () -> {
                            insert(main, name, 1);
                            delete(main, name);
                        }));
            case 6 -> attempt("rolled back", () -> transaction(false, () -> dml(main, name)));
            case 7 ->
                attempt(
                        "in subtransactions",
                        () -> transaction(true, () -> {
                            execute(main, "SAVEPOINT one");
                            dml(main, name);
                            execute(main, "SAVEPOINT two");
                            dml(main, name);
                            execute(main, random.nextBoolean() ? "ROLLBACK TO SAVEPOINT two" : "RELEASE SAVEPOINT two");
                            execute(main, random.nextBoolean() ? "ROLLBACK TO SAVEPOINT one" : "RELEASE SAVEPOINT one");
                        }));
            case 8 ->
                attempt(
                        "delete and insert the same",
                        () -> transaction(true, () -> {
                            execute(
                                    main,
                                    "CREATE TEMP TABLE same ON COMMIT DROP AS SELECT * FROM " + name + someRow(name));
                            execute(main, "DELETE FROM " + name + " WHERE id IN (SELECT id FROM same)");
                            execute(main, "INSERT INTO " + name + " SELECT * FROM same");
                        }));
            case 9 -> attempt("truncate", () -> execute(main, "TRUNCATE " + name));
            case 10 ->
                attempt(
                        "truncate and fill",
                        () -> transaction(true, () -> {
                            execute(main, "CREATE TEMP TABLE same ON COMMIT DROP AS SELECT * FROM " + name);
                            execute(main, "TRUNCATE " + name);
                            execute(main, "INSERT INTO " + name + " SELECT * FROM same");
                            execute(main, "UPDATE " + name + " SET v = 't" + ++serial + "'" + someRow(name));
                        }));
            case 11 ->
                attempt("truncate, rolled back", () -> transaction(false, () -> execute(main, "TRUNCATE " + name)));
            case 12 -> attempt("vacuum", () -> execute(main, "VACUUM " + name));
            case 13 -> attempt("vacuum freeze", () -> execute(main, "VACUUM (FREEZE) " + name));
            case 14, 15 -> attempt("vacuum full", () -> execute(main, "VACUUM (FULL) " + relation(table)));
            case 16 ->
                attempt("cluster", () -> {
                    if (!isHypertable(table)) {
                        execute(main, "CLUSTER " + name + " USING " + name.substring(7) + "_id");
                    }
                });
            case 17 ->
                attempt("add a column", () -> {
                    if (!addedColumns.containsKey(name)) {
                        addedColumns.put(name, "a" + ++serial);
                        execute(
                                main,
                                "ALTER TABLE " + name + " ADD COLUMN " + addedColumns.get(name) + " int DEFAULT "
                                        + serial);
                    }
                });
            case 18 ->
                attempt("drop a column", () -> {
                    String column = addedColumns.remove(name);
                    if (column != null) {
                        execute(main, "ALTER TABLE " + name + " DROP COLUMN " + column);
                    }
                });
            case 19 ->
                attempt("rename a column", () -> {
                    String column = addedColumns.get(name);
                    if (column != null) {
                        addedColumns.put(name, "a" + ++serial);
                        execute(main, "ALTER TABLE " + name + " RENAME COLUMN " + column + " TO a" + serial);
                    }
                });
            case 20 -> {
                // it changes most tables at once
                if (random.nextInt(4) == 0) {
                    attempt("rename a label", () -> renameLabel(1 + random.nextInt(LABELS)));
                }
            }
            case 21 ->
                attempt("another type without a rewrite", () -> {
                    int length = 20 + random.nextInt(200);
                    execute(
                            main,
                            "ALTER TABLE " + name + " ALTER COLUMN n TYPE "
                                    + (random.nextBoolean() ? "text" : "varchar(" + length + ")"));
                });
            case 22 ->
                attempt("another type", () -> {
                    if (!isHypertable(table)) {
                        String type = random.nextBoolean() ? "timestamptz" : "timestamp";
                        execute(main, "ALTER TABLE " + name + " ALTER COLUMN ts TYPE " + type);
                    }
                });
            case 23 -> attempt("copy freeze", () -> copyFreeze(table, name));
            case 24 -> attempt("drop a chunk and make it again", () -> dropChunk(table, name));
            case 25 -> attempt("swap names", () -> swap(table));
            case 26 ->
                attempt("unlogged and back", () -> {
                    execute(main, "ALTER TABLE " + relation(table) + " SET UNLOGGED");
                    execute(main, "ALTER TABLE " + relation(table) + " SET LOGGED");
                });
            case 27 -> attempt("compress", () -> compress(table));
            case 28 ->
                attempt(
                        "lock rows",
                        () -> transaction(
                                true, () -> execute(main, "SELECT FROM " + name + someRow(name) + " FOR UPDATE")));
            default -> attempt("analyze", () -> execute(main, "ANALYZE " + name));
        }
    }

    private void dml(Connection session, String table) throws SQLException {
        switch (random.nextInt(3)) {
            case 0 -> insert(session, table, 1 + random.nextInt(2));
            case 1 -> delete(session, table);
            default -> execute(session, "UPDATE " + table + " SET v = 'd" + ++serial + "'" + someRow(table));
        }
    }

    private void insert(Connection session, String table, int rows) throws SQLException {
        boolean hypertable = table.startsWith("public.h");
        for (int i = 0; i < rows; i++) {
            serial++;
            execute(
                    session,
                    hypertable
                            ? "INSERT INTO " + table + " (t, id, v) VALUES ('2026-01-0" + (1 + random.nextInt(3)) + " 0"
                                    + random.nextInt(10) + ":00', " + random.nextInt(20) + ", 'i" + serial + "')"
                            : "INSERT INTO " + table + " (id, v) VALUES (" + serial + ", 'i" + serial + "')");
        }
    }

    private void delete(Connection session, String table) throws SQLException {
        execute(session, "DELETE FROM " + table + someRow(table));
    }

    /** One row, by a place in the order of all that this session sees. */
    private String someRow(String table) {
        return " WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM " + table + " ORDER BY md5(id || v || '"
                + random.nextInt(1000) + "') LIMIT 1)";
    }

    private void renameLabel(int ordinal) throws SQLException {
        String label = one("SELECT enumlabel FROM pg_enum WHERE enumtypid = 'public.mood'::regtype AND enumsortorder = "
                + ordinal);
        // sooner or later back again
        String other = label.startsWith("m") ? "other" + ordinal : "m" + (ordinal - 1);
        execute(main, "ALTER TYPE public.mood RENAME VALUE '" + label + "' TO '" + other + "'");
    }

    private void copyFreeze(int table, String name) throws SQLException, IOException {
        if (!isHypertable(table)) {
            transaction(true, () -> {
                execute(main, "CREATE TEMP TABLE same ON COMMIT DROP AS SELECT id, v FROM " + name);
                execute(main, "TRUNCATE " + name);
                StringBuilder rows = new StringBuilder();
                try (Statement statement = main.createStatement();
                        ResultSet row = statement.executeQuery("SELECT id, v FROM same")) {
                    while (row.next()) {
                        rows.append(row.getInt(1))
                                .append(',')
                                .append(row.getString(2))
                                .append('\n');
                    }
                }
                rows.append(serial).append(",frozen").append(++serial).append('\n');
                main.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "COPY " + name + " (id, v) FROM STDIN (FORMAT csv, FREEZE)",
                                new StringReader(rows.toString()));
                delete(main, name);
            });
        }
    }

    private void dropChunk(int table, String name) throws SQLException, IOException {
        if (isHypertable(table)) {
            transaction(true, () -> {
                execute(
                        main,
                        "CREATE TEMP TABLE same ON COMMIT DROP AS SELECT * FROM " + name + " WHERE t < '2026-01-02'");
                execute(main, "SELECT drop_chunks('" + name + "', older_than => '2026-01-02'::timestamptz)");
                execute(main, "INSERT INTO " + name + " SELECT * FROM same");
                if (random.nextBoolean()) {
                    insert(main, name, 1);
                }
            });
        }
    }

    private void swap(int table) throws SQLException, IOException {
        if (!isHypertable(table) && table > 1) {
            transaction(true, () -> {
                execute(main, "ALTER TABLE public.p1 RENAME TO p_other");
                execute(main, "ALTER TABLE " + name(table) + " RENAME TO p1");
                execute(
                        main,
                        "ALTER TABLE public.p_other RENAME TO " + name(table).substring(7));
            });
            addedColumns.remove("public.p1");
            addedColumns.remove(name(table));
        }
    }

    private void compress(int table) throws SQLException {
        if (compresses && isHypertable(table)) {
            String chunk = relation(table);
            execute(
                    main,
                    random.nextInt(3) == 0
                            ? "SELECT decompress_chunk('" + chunk + "', true)"
                            : "SELECT compress_chunk('" + chunk + "', true)");
        }
    }

    /** A table, or one of the chunks of a hypertable. */
    private String relation(int table) throws SQLException {
        if (!isHypertable(table)) {
            return name(table);
        }
        return one(
                "SELECT coalesce((SELECT format('%I.%I', chunk_schema, chunk_name) FROM timescaledb_information.chunks"
                        + " WHERE hypertable_name = '" + name(table).substring(7) + "' ORDER BY md5(chunk_name || '"
                        + random.nextInt(1000) + "') LIMIT 1), '" + name(table) + "')");
    }

    private static boolean isHypertable(int table) {
        return table >= PLAIN;
    }

    private static String name(int table) {
        return isHypertable(table) ? "public.h" + (table - PLAIN) : "public.p" + table;
    }

    @FunctionalInterface
    private interface Act {
        void run() throws SQLException, IOException;
    }

    private void transaction(boolean commit, Act act) throws SQLException, IOException {
        execute(main, "BEGIN");
        act.run();
        execute(main, commit ? "COMMIT" : "ROLLBACK");
    }

    /** Does it, or not: a lock, a table that is not there, a chunk that is compressed are all part of the history. */
    private void attempt(String what, Act act) throws SQLException {
        String outcome = what;
        try {
            act.run();
        } catch (SQLException e) {
            outcome = what + " (refused)";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        if (what.startsWith("open") || what.endsWith("open one")) {
            done.merge(outcome, 1, Integer::sum);
            return;
        }
        execute(main, "ROLLBACK");
        done.merge(outcome, 1, Integer::sum);
    }

    private String one(String sql) throws SQLException {
        try (Statement statement = main.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private Connection connect() throws SQLException {
        Connection connection = server.connect(uri);
        // whoever meets a lock gives up: the other one is this test itself
        execute(connection, "SET lock_timeout = '100ms'");
        execute(connection, "SET statement_timeout = '10s'");
        execute(connection, "SET client_min_messages = error");
        return connection;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        for (Connection writer : open) {
            writer.close();
        }
        for (String transaction : prepared) {
            execute(main, "ROLLBACK PREPARED '" + transaction + "'");
        }
        main.close();
    }
}
