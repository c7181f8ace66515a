package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseLock;
import io.hyperkeep.database.EndSessions;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.SelectEntries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes sure that the target can take the restore, and marks it as being restored. Nothing of the user's is changed;
 * what is created is the database (if asked for), the extension TimescaleDB, and the {@link Ledger}.
 *
 * <p>Repeatable. Not thread-safe.
 */
public final class PrepareTarget {
    private final Connections target;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public PrepareTarget(Connections target, String application) {
        this.target = target;
        this.application = application + "/prepare";
    }

    /**
     * How the target was found.
     *
     * @param continued whether an earlier attempt of this very restore began here
     * @param server what it can do
     * @param plan what is left to do: without what the target has already and is used as it is
     * @param warnings what may come out differently than in the source
     */
    public record Prepared(boolean continued, ServerCapabilities server, RestorePlan plan, List<Warning> warnings) {
        public Prepared {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Creates the target's database as the source's was, unless it exists: before anything else, as only then it can be
     * locked.
     *
     * @return whether it was created
     * @throws BackupException DENIED without the right to, UNSUITABLE when the server does not have the source's locale
     */
    public boolean createDatabase(RestorePlan plan) {
        Source source = plan.manifest().source();
        boolean created = CreateDatabase.ifMissing(
                target, source, plan.options().noTablespaces() ? null : source.tablespace(), application);
        if (created) {
            try (Connection connection = target.open(application)) {
                PublicSchema.dropUnlessInSource(connection, plan.manifest());
            } catch (SQLException e) {
                throw ServerErrors.translate("cannot prepare " + target.address(), e);
            }
        }
        return created;
    }

    /**
     * Takes back {@link #createDatabase}, as long as nobody has a session in it.
     *
     * @throws BackupException when the server refuses
     */
    public void dropDatabase() {
        CreateDatabase.drop(target, application);
    }

    /**
     * Makes this restore the only one at work here: ends what an attempt that was killed or cut off left running, whose
     * statements would be committed under the next one's feet.
     *
     * @param lock on the target, which says that no attempt is alive
     * @return names of the sessions that were ended
     * @throws BackupException LOCKED when some can not be ended
     */
    public List<String> endFormer(DatabaseLock lock) {
        try (Connection connection = target.open(application)) {
            return EndSessions.ofRuns(connection, lock);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot end earlier sessions in " + target.address(), e);
        }
    }

    /**
     * Whether the target has every table and is not marked as unfinished. That alone does not say who made them: it is
     * to be asked only after an attempt that had come to compare them.
     *
     * @throws BackupException when the target can not be read
     */
    public boolean isWhole(RestorePlan plan) {
        try (Connection connection = target.open(application)) {
            RestorePlan possible = possible(plan, ServerCapabilities.of(connection));
            return !Ledger.of(plan).begunBefore(connection) && new TargetChecks(connection, possible).hasEveryTable();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
    }

    /**
     * Whether a database that is there can take the backup at all.
     *
     * @return what may come out differently than in the source
     * @throws BackupException UNSUITABLE when it is the source itself, or can not be written to
     */
    public List<Warning> suits(RestorePlan plan) {
        try (Connection connection = target.open(application)) {
            TargetChecks checks = new TargetChecks(connection, plan);
            checks.notTheSource();
            checks.writable();
            return checks.differences();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
    }

    /**
     * Prepares it.
     *
     * @throws BackupException UNSUITABLE when the target is the source itself, has something of the same name, lacks
     *     TimescaleDB, a role or an extension, another restore is unfinished there, or the plan is strict and the target
     *     can not carry all of it; DENIED without the rights, naming the GRANTs; or as connecting fails. Nothing of the
     *     target was changed then
     */
    public Prepared run(RestorePlan plan) {
        try {
            Ledger ledger = Ledger.of(plan);
            boolean continued;
            RestorePlan left;
            List<Warning> warnings;
            try (Connection connection = target.open(application)) {
                TargetChecks checks = new TargetChecks(connection, plan);
                checks.notTheSource();
                checks.writable();
                continued = ledger.begunBefore(connection);
                if (plan.isDataOnly()) {
                    new FillChecks(connection, plan, checks.database()).run(continued);
                } else if (!continued) {
                    checks.nothingInTheWay();
                }
                checks.rolesAndRights();
                checks.extensions();
                ReserveNumbers.of(plan).check(connection);
                warnings = new ArrayList<>(checks.differences());
                boolean everything =
                        plan.tables().size() == plan.manifest().tables().size();
                if (everything && !plan.isDataOnly() && PublicSchema.isMore(connection, plan.manifest())) {
                    warnings.add(
                            new Warning(
                                    "schema-public",
                                    "the target has schema public, which the source did not have: DROP SCHEMA public removes it"));
                }
                left = new ExtensionsOfTarget(connection, plan)
                        .withoutOthersComments(withoutUsable(
                                connection,
                                plan,
                                checks.usable(continued ? ledger.done(connection) : Set.of()),
                                warnings));
            }
            warnings.addAll(losses(plan));
            try (Connection connection = target.open(application)) {
                ledger.begin(connection, plan.isDataOnly());
                ServerCapabilities server = ServerCapabilities.of(connection);
                if (server.hasTimescale()) {
                    ReserveNumbers.of(left).run(connection);
                }
                return new Prepared(continued, server, possible(left, server), warnings);
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot prepare " + target.address(), e);
        }
    }

    /** What the target has already is neither created nor granted, commented or set. */
    private static RestorePlan withoutUsable(
            Connection connection, RestorePlan plan, List<SchemaEntry> usable, List<Warning> warnings)
            throws SQLException {
        if (usable.isEmpty()) {
            return plan;
        }
        Set<Integer> left = usable.stream().map(SchemaEntry::id).collect(Collectors.toSet());
        Set<TableName> sequences = usable.stream()
                .filter(entry -> entry.type().equals("SEQUENCE"))
                .map(entry -> plan.names().of(new TableName(String.valueOf(entry.schema()), entry.name())))
                .collect(Collectors.toSet());
        plan.entries().stream()
                .filter(entry -> SelectEntries.follows(entry.type()))
                .filter(entry -> entry.needs().stream().anyMatch(left::contains) && entry.table() == null)
                .forEach(entry -> left.add(entry.id()));
        warnings.addAll(UsedObjects.differences(connection, plan, usable));
        return plan.without(left, sequences, List.of());
    }

    /** What of the plan the target can have, as {@link TargetLosses} tells of the rest. */
    private static RestorePlan possible(RestorePlan plan, ServerCapabilities server) {
        if (!server.hasTimescale()) {
            return ExtensionsOfTarget.withoutTimescale(plan);
        }
        return server.communityEdition() ? plan : PlanRestore.withoutAggregates(plan);
    }

    /** What the target can not carry; TimescaleDB is created on the way where it is needed and missing. */
    private List<Warning> losses(RestorePlan plan) throws SQLException {
        try (Connection connection = target.open(application)) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            if (server.hasTimescale() || !new ExtensionsOfTarget(connection, plan).wantTimescale()) {
                return TargetLosses.find(connection, server, plan);
            }
        }
        // in a session of its own: one that has looked at TimescaleDB before can not create it
        try (Connection connection = target.open(application)) {
            // only with the extension does a session know its edition, so a refusal takes the extension back
            connection.setAutoCommit(false);
            createTimescale(connection, plan.manifest().source());
            List<Warning> losses = TargetLosses.find(connection, ServerCapabilities.of(connection), plan);
            connection.commit();
            return losses;
        }
    }

    private void createTimescale(Connection connection, Source source) throws SQLException {
        String schema =
                source.timescale() == null ? "public" : source.timescale().schema();
        if (!schema.equals("public")) {
            Query.execute(connection, "CREATE SCHEMA IF NOT EXISTS " + Identifiers.quote(schema));
        }
        try {
            Query.execute(connection, "CREATE EXTENSION timescaledb WITH SCHEMA " + Identifiers.quote(schema));
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                throw e;
            }
            throw new BackupException(
                    Problem.UNSUITABLE,
                    ServerErrors.translate(
                                    "cannot create TimescaleDB in database "
                                            + target.address().database(),
                                    e)
                            .getMessage(),
                    "the server's shared_preload_libraries has to name timescaledb; changing it needs a restart",
                    e);
        }
    }
}
