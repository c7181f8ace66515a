package io.hyperkeep.check;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverUncarried;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.SelectTables;
import io.hyperkeep.problem.BackupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds everything that would stop or harm a backup. Changes nothing; thread-safe. */
public final class CheckDatabase {
    /** Names the session in {@code pg_stat_activity}. */
    private static final String APPLICATION_NAME = "hyperkeep/check";

    /** Whoever waits for an answer does not wait long, and nobody queues up behind a check. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(3);

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Connections connections;
    private final ClientTools tools;
    private final InstantSource clock;

    /**
     * @param connections to the source
     * @param tools finds the client programs that a backup would use
     * @param clock this machine's
     */
    public CheckDatabase(Connections connections, ClientTools tools, InstantSource clock) {
        this.connections = connections;
        this.tools = tools;
        this.clock = clock;
    }

    /**
     * Looks at everything.
     *
     * @return what every check saw, good or bad, in the order of the checks; never empty
     */
    public List<Finding> run(CheckRequest request) {
        List<Finding> findings = new ArrayList<>();
        CheckRepository repository = new CheckRepository(request);
        try (Connection connection = connections.open(APPLICATION_NAME, LOCK_TIMEOUT)) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            run(findings, "connection", () -> login(connection));
            run(findings, "server", () -> new CheckServer(clock).run(connection, server.serverMajor()));
            run(findings, "timescaledb", () -> new CheckTimescale().run(connection, server));
            run(findings, "client-tools", () -> new CheckClientTools(tools)
                    .run(server.serverMajor(), minor(connection)));
            run(findings, "locks", () -> new CheckLocks().run(connection, request.selection()));
            run(findings, "tables", () -> tables(connection, server, request, repository));
        } catch (BackupException e) {
            findings.add(loginFailed(e));
            findings.addAll(repository.withoutDatabase());
        } catch (SQLException e) {
            findings.add(
                    Finding.error("connection", ServerErrors.translate("cannot check " + connections.address(), e)));
        }
        return List.copyOf(findings);
    }

    private static List<Finding> tables(
            Connection connection, ServerCapabilities server, CheckRequest request, CheckRepository repository)
            throws SQLException {
        try {
            return tables(Subject.read(connection, server, request), repository);
        } catch (SQLException e) {
            if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw e;
            }
            List<Finding> findings = new ArrayList<>(repository.withoutDatabase());
            findings.add(Finding.warning(
                    "tables",
                    "a lock keeps the catalogs of the tables from being read: selection, privileges, lock budget and"
                            + " connections were not checked",
                    "try again when that lock is gone."));
            return findings;
        }
    }

    private static List<Finding> tables(Subject subject, CheckRepository repository) {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("selection", CheckDatabase::selection);
        checks.put("privileges", new CheckPrivileges());
        checks.put("lock-budget", new CheckLockBudget());
        checks.put("connections", new CheckSessions());
        checks.put("repository", repository);
        checks.put("uncarried", CheckDatabase::uncarried);
        checks.put("activity", new CheckActivity());
        List<Finding> findings = new ArrayList<>();
        checks.forEach((name, check) -> run(findings, name, () -> check.run(subject)));
        return findings;
    }

    private static int minor(Connection connection) throws SQLException {
        return Query.one(connection, "SELECT current_setting('server_version_num')::int % 10000", row -> row.getInt(1));
    }

    @FunctionalInterface
    private interface Look {
        List<Finding> look() throws SQLException;
    }

    /** One that fails must not keep the others from looking. */
    private static void run(List<Finding> findings, String name, Look check) {
        try {
            findings.addAll(check.look());
        } catch (SQLException e) {
            findings.add(Finding.error(name, ServerErrors.translate("this could not be checked", e)));
        } catch (BackupException e) {
            findings.add(Finding.error(name, e));
        }
    }

    private List<Finding> login(Connection connection) throws SQLException {
        return Query.one(
                connection,
                "SELECT current_user, rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user",
                row -> List.of(Finding.ok(
                        "connection",
                        connections.address() + (row.getBoolean(2) ? ", as a superuser" : ", as an ordinary role"))));
    }

    private Finding loginFailed(BackupException e) {
        boolean noConnect = e.getCause() instanceof SQLException sql && "42501".equals(sql.getSQLState());
        return noConnect
                ? Finding.error(
                        "connection",
                        e.problem(),
                        String.valueOf(e.getMessage()),
                        "-- as the database's owner, or as a superuser:\nGRANT CONNECT ON DATABASE "
                                + Identifiers.quote(connections.address().database()) + " TO "
                                + Identifiers.quote(connections.address().user()) + ";")
                : Finding.error("connection", e);
    }

    private static List<Finding> selection(Subject subject) {
        List<TableName> all = subject.there().tables();
        List<TableName> selected = SelectTables.select(
                        subject.request().selection(), all, subject.there().aggregates(), "the database")
                .tables();
        if (selected.isEmpty()) {
            return List.of(Finding.warning(
                    "selection",
                    all.isEmpty() ? "the database has no tables" : "no table is selected",
                    "a backup would hold definitions and no rows."));
        }
        long hypertables =
                subject.selected().stream().filter(CheckedTable::hypertable).count();
        int chunks = subject.selected().stream()
                .mapToInt(table -> table.chunks().size())
                .sum();
        return List.of(Finding.ok(
                "selection",
                selected.size() + " of " + Listed.count(all.size(), "table") + "; "
                        + Listed.count(hypertables, "hypertable") + ", " + Listed.count(chunks, "chunk")));
    }

    private static List<Finding> uncarried(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<Warning> losses = new ArrayList<>(subject.selection().warnings("in a backup"));
        losses.addAll(new DiscoverUncarried()
                .run(subject.connection(), subject.server(), subject.request().selection()::selects));
        losses.forEach(loss -> findings.add(Finding.warning("uncarried", loss.text(), null)));
        return findings.isEmpty()
                ? List.of(Finding.ok("uncarried", "nothing in this database is left out of a backup"))
                : findings;
    }
}
