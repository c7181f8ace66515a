package io.hyperkeep.restore;

import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseAddress;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.CompareAggregates;
import io.hyperkeep.verify.CompareChunkProperties;
import io.hyperkeep.verify.CompareJobs;
import io.hyperkeep.verify.CompareRows;
import io.hyperkeep.verify.CompareStructure;
import io.hyperkeep.verify.Comparison;
import io.hyperkeep.verify.Expected;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.JobState;
import io.hyperkeep.verify.NotRestored;
import io.hyperkeep.verify.OwnReaders;
import io.hyperkeep.verify.Readers;
import io.hyperkeep.verify.SameMeaning;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares a database with what a plan makes of a backup: structure first, then every row. Thread-safe. */
public final class CompareTarget {
    private final Readers readers;
    private final DatabaseAddress address;
    private final RestorePlan plan;
    private final Scope scope;
    private final CompareRows rows;

    /**
     * The target of a restore, which nobody else uses yet.
     *
     * @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12}
     */
    public CompareTarget(Connections connections, String application, RunProgress progress, RestorePlan plan) {
        this(
                new OwnReaders(connections, application + "/compare"),
                connections.address(),
                progress,
                plan,
                new Scope(
                        plan.targets().stream().map(TableEntry::name).collect(Collectors.toSet())::contains,
                        false,
                        false));
    }

    /** @param address of the database, for messages */
    CompareTarget(Readers readers, DatabaseAddress address, RunProgress progress, RestorePlan plan, Scope scope) {
        this.readers = readers;
        this.address = address;
        this.plan = plan;
        this.scope = scope;
        this.rows = new CompareRows(readers, plan.manifest().data().copy(), progress, plan.targets());
    }

    /**
     * What is looked at beside what the plan names.
     *
     * @param tables those of the database that are looked at
     * @param noOtherTables whether one of them that the backup does not have is a difference
     * @param noOtherObjects whether anything else is a difference that the backup does not have
     */
    record Scope(Predicate<TableName> tables, boolean noOtherTables, boolean noOtherObjects) {}

    /**
     * Begins with some tables before everything else is ready: all their rows must be there, and nothing that follows
     * may change one.
     *
     * @return what the caller has to read with {@link #reader()}
     */
    List<CompareRows.Piece> begin(Set<TableName> tables) {
        return tables.isEmpty()
                ? List.of()
                : rows.pieces(inventory(tables::contains).tables());
    }

    /** Reads pieces with a session of its own. */
    Hand<CompareRows.Piece> reader() {
        return rows.hand();
    }

    /**
     * Compares what was restored; when this returns, the target has it all and the same.
     *
     * @param jobs number of sessions
     * @param created the policies and jobs that are there, off; null when an earlier attempt had come to its end, which
     *     may have switched some on, and named those that it could not create
     * @param unfilled materialized views that were named, as they stay without rows
     * @return what is not quite as it was, and loses nothing
     * @throws io.hyperkeep.problem.BackupException MISMATCH, naming every difference; or when the target can not be
     *     read
     */
    public List<Warning> run(int jobs, CreateJobs.@Nullable Created created, Set<TableName> unfilled) {
        Compared compared = compared(
                jobs,
                created == null
                        ? new Expected.Jobs(plan.jobs(), JobState.ANY)
                        : new Expected.Jobs(created.jobs(), JobState.OFF));
        Comparison comparison = compared.others();
        Set<TableName> left = created == null ? Set.copyOf(plan.refresh()) : unfilled;
        List<Finding> differences = comparison.differences().stream()
                .filter(finding -> created == null || !RefreshViews.isUnfilled(finding, left))
                .toList();
        ForeignParts foreign = foreignParts();
        List<Finding> lost = differences.stream()
                .filter(finding -> !foreign.isInvalidIndex(finding))
                .filter(finding -> !RefreshViews.isUnfilled(finding, left))
                .filter(finding -> !mayHaveBeenThere(finding) && !(created == null && isMissingJob(finding)))
                .toList();
        if (!lost.isEmpty()) {
            String ledger = ledger();
            throw Finding.failure(
                    Problem.MISMATCH,
                    "what is in database " + address.database() + " is not what is in backup "
                            + plan.manifest().id(),
                    lost,
                    plan.isBeside()
                            ? "do not use the restored tables: drop or empty them, and drop the schema " + ledger
                                    + ", which marks"
                                    + " the restore as unfinished. If somebody else wrote to them meanwhile, restore once more"
                            : "do not use this database. If somebody else wrote to it meanwhile, restore into one that"
                                    + " nobody uses; the schema " + ledger + " in it marks it as unfinished");
        }
        return Stream.of(
                        comparison.warnings().stream(),
                        foreign.warnings(differences).stream(),
                        // no row is lost by them
                        compared.ofChunks().stream()
                                .map(finding -> new Warning("chunk-properties", finding.toString())),
                        differences.stream()
                                .filter(finding -> !foreign.isInvalidIndex(finding))
                                .map(finding -> new Warning(
                                        isMissingJob(finding)
                                                ? "job-not-restored"
                                                : RefreshViews.isUnfilled(finding, left)
                                                        ? "not-filled"
                                                        : "was-there-before",
                                        finding.toString())))
                .flatMap(Function.identity())
                .toList();
    }

    private String ledger() {
        try {
            return readers.read(Ledger::nameIn);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the schemas of " + address, e);
        }
    }

    private boolean isMissingJob(Finding finding) {
        return plan.jobs().stream().map(CompareJobs::missing).anyMatch(finding::equals);
    }

    /** A restore uses schemas and extensions as it finds them; nothing else may be there before. */
    private static boolean mayHaveBeenThere(Finding finding) {
        return finding.on().startsWith("schema ") || finding.on().startsWith("extension ");
    }

    /**
     * Compares.
     *
     * @param jobs number of sessions
     * @param expectedJobs the policies and jobs that have to be there
     * @throws io.hyperkeep.problem.BackupException when the database can not be read
     */
    Comparison compare(int jobs, Expected.Jobs expectedJobs) {
        Compared compared = compared(jobs, expectedJobs);
        return new Comparison(
                Stream.concat(compared.others().differences().stream(), compared.ofChunks().stream())
                        .toList(),
                compared.others().warnings());
    }

    /**
     * What was found.
     *
     * @param ofChunks what single chunks should have of their own, and do not
     */
    private record Compared(List<Finding> ofChunks, Comparison others) {}

    private Compared compared(int jobs, Expected.Jobs expectedJobs) {
        Inventory found = inventory(scope.tables());
        List<Finding> structure = new ArrayList<>(
                plan.isDataOnly() ? missing(found) : CompareStructure.run(expected(expectedJobs), found));
        structure.addAll(usesOfOldNames());
        structure.addAll(CompareAggregates.run(plan.aggregates(), plan.withChunksAhead(), found));
        List<Finding> differences = new ArrayList<>(sameMeaning(structure));
        differences.addAll(rows.run(found.tables(), jobs));
        if (plan.isDataOnly()) {
            return new Compared(List.of(), new Comparison(differences, rows.notCompared()));
        }
        List<Warning> warnings = new ArrayList<>(rows.notCompared());
        CompareChunkProperties.run(plan.targets(), found, false)
                .forEach(finding -> warnings.add(new Warning("chunk-properties", finding.toString())));
        warnings.addAll(CompareStructure.reordered(plan.targets(), found));
        if (plan.manifest().objects() == null) {
            warnings.add(new Warning(
                    "not-compared",
                    "the backup is of an earlier version that did not note rights, comments, settings, policies, views,"
                            + " functions and types as data: these were not compared"));
        }
        return new Compared(
                CompareChunkProperties.run(plan.targets(), found, true), new Comparison(differences, warnings));
    }

    private List<Finding> sameMeaning(List<Finding> structure) {
        try {
            return SameMeaning.run(structure, readers);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot compare definitions with those of " + address, e);
        }
    }

    private ForeignParts foreignParts() {
        try {
            return readers.read(ForeignParts::of);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the foreign tables of " + address, e);
        }
    }

    private List<Finding> usesOfOldNames() {
        if (plan.names().areSame() || plan.isDataOnly()) {
            return List.of();
        }
        try {
            return readers.read(session -> OldNames.uses(session, plan));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the dependencies of " + address, e);
        }
    }

    /** Tables that are gone: all that rows alone do not show. */
    private List<Finding> missing(Inventory found) {
        Set<TableName> there =
                found.tables().stream().map(DiscoveredTable::name).collect(Collectors.toSet());
        return plan.targets().stream()
                .map(TableEntry::name)
                .filter(table -> !there.contains(table))
                .map(table -> Finding.missing("table " + table))
                .toList();
    }

    private Inventory inventory(Predicate<TableName> tables) {
        try {
            return readers.read(
                    session -> new DiscoverDatabase().inventory(session, ServerCapabilities.of(session), tables));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the structure of " + address, e);
        }
    }

    private Expected expected(Expected.Jobs jobs) {
        List<SchemaEntry> chosen = plan.entries();
        return new Expected(
                plan.manifest(),
                plan.targets(),
                plan.sequences(),
                objects(chosen),
                jobs,
                notRestored(chosen),
                scope.noOtherTables(),
                scope.noOtherObjects(),
                plan.options().compress() == CompressMode.AS_SOURCE);
    }

    /** Parts of the selected tables, and what else the chosen entries create, as the target is to have it. */
    private List<SchemaObject> objects(List<SchemaEntry> chosen) {
        List<SchemaObject> objects = plan.manifest().objects();
        Set<TableName> tables = plan.tables().stream().map(TableEntry::name).collect(Collectors.toSet());
        // who selects tables does not get what they are published by
        Set<TableName> published = chosen.stream()
                .filter(entry -> entry.type().equals("PUBLICATION TABLE"))
                .map(SchemaEntry::table)
                .collect(Collectors.toSet());
        Set<String> labels = chosen.stream().map(SchemaEntry::label).collect(Collectors.toSet());
        return objects == null
                ? List.of()
                : objects.stream()
                        .filter(object -> object.table() == null
                                ? object.isAmong(labels)
                                : tables.contains(object.table())
                                        && (!object.kind().equals("publication") || published.contains(object.table())))
                        .map(plan.names()::of)
                        .toList();
    }

    /** The parts of selected tables that the plan leaves out, as its warnings say. */
    private Set<NotRestored> notRestored(List<SchemaEntry> entries) {
        Set<Integer> chosen = entries.stream().map(SchemaEntry::id).collect(Collectors.toSet());
        Set<NotRestored> left = new HashSet<>();
        for (SchemaEntry entry : plan.manifest().schema().entries()) {
            TableName table = entry.table();
            if (table != null && !chosen.contains(entry.id())) {
                // pg_dump calls a constraint or a trigger by its table's and its own name, an index by its own
                String prefix = table.name() + " ";
                String part = entry.name().startsWith(prefix) ? entry.name().substring(prefix.length()) : entry.name();
                left.add(new NotRestored(plan.names().of(table), plan.names().ofPart(table, part)));
            }
        }
        return left;
    }
}
