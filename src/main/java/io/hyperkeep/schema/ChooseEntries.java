package io.hyperkeep.schema;

import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From the archive's entries to the backup's: without what TimescaleDB makes by itself or what this version does not
 * carry, each with the table that it belongs to, and then only what the selected tables need. For one dump.
 */
final class ChooseEntries {
    private final SchemaRequest request;
    private final SchemaCatalog catalog;
    private final Map<Integer, ArchiveEntry> archive = new HashMap<>();
    private final Map<Integer, TableName> tables = new HashMap<>();
    /** Pairs of entries of which the first is only to be created after the second, its parent: it does not need it. */
    private final Set<List<Integer>> attached = new HashSet<>();

    /** Entries of before the data that can only be created after the continuous aggregates, and these themselves. */
    private final Set<Integer> late = new HashSet<>();

    /** The entry of the extension TimescaleDB, or 0. */
    private int timescale;

    private final List<Warning> warnings = new ArrayList<>();
    private final List<TableName> refresh = new ArrayList<>();

    ChooseEntries(SchemaRequest request, SchemaCatalog catalog) {
        this.request = request;
        this.catalog = catalog;
    }

    /** The chosen entries, in their order, without places. */
    List<SchemaEntry> run(List<ArchiveEntry> all) {
        all.forEach(entry -> archive.put(entry.id(), entry));
        timescale = ExtensionEntries.timescale(all);
        all.forEach(entry -> {
            TableName table = table(entry, new HashSet<>());
            if (table != null) {
                tables.put(entry.id(), table);
            }
        });
        all.forEach(this::noteAttached);
        Set<Integer> dropped = dropped(all);
        noteLate(all);
        List<SchemaEntry> entries = all.stream()
                .filter(entry -> !dropped.contains(entry.id()))
                .map(entry -> entry(entry, dropped))
                .toList();
        SelectEntries.Selected selected = SelectEntries.run(entries, request.tables(), request.everything());
        selected.leftOut().forEach(leftOut -> warnings.add(warning(leftOut)));
        requireOrder(selected.entries());
        selected.entries().forEach(this::warnOfParents);
        for (SchemaEntry entry : selected.entries()) {
            TableName populated = catalog.populated()
                    .get(Objects.requireNonNull(archive.get(entry.id())).object());
            if (populated != null) {
                refresh.add(populated);
            }
        }
        return selected.entries();
    }

    /** What was lost, by name. */
    List<Warning> warnings() {
        return warnings;
    }

    /** Materialized views that held rows; pg_dump's order of entries is one of their dependencies. */
    List<TableName> refresh() {
        return refresh;
    }

    /** Each entry's text as it goes to the file. */
    Map<Integer, String> texts() {
        return archive.values().stream().collect(Collectors.toMap(ArchiveEntry::id, this::text));
    }

    private String text(ArchiveEntry entry) {
        // pg_dump takes an aggregate for a view of TimescaleDB's internal tables
        String body = isAggregate(entry) ? "" : entry.body();
        TableName table = tables.get(entry.id());
        if (entry.type().equals("SCHEMA") && body.startsWith("CREATE SCHEMA ")) {
            // the schema that TimescaleDB goes to has to be there before this file runs
            body = "CREATE SCHEMA IF NOT EXISTS " + body.substring("CREATE SCHEMA ".length());
        }
        if (entry.type().equals("TABLE")) {
            body = WithoutChunks.definition(body, catalog.inherited().getOrDefault(entry.object(), List.of()));
        }
        if (entry.section() == SchemaEntry.Section.POST_DATA
                && table != null
                && request.hypertables().containsKey(table)) {
            body = OnlyKeyword.remove(body, table);
        }
        if (entry.type().equals("TABLE")
                && table != null
                && request.hypertables().containsKey(table)) {
            // it holds no rows; where its chunks go is attached, see HypertableDdl
            body = body.replaceFirst("\\ASET default_tablespace = [^\\n]+;\\n\\n", "")
                    .replaceFirst("SET default_tablespace = '';\\n\\n\\z", "");
        }
        return entry.header() + body;
    }

    /** The table that an entry belongs to: by its own oid, or as what it is about does. */
    private @Nullable TableName table(ArchiveEntry entry, Set<Integer> seen) {
        TableName own = catalog.tables().get(entry.object());
        if (own != null || entry.catalog() != 0 || !seen.add(entry.id())) {
            return own;
        }
        List<TableName> candidates = entry.needs().stream()
                .map(archive::get)
                .filter(Objects::nonNull)
                .map(need -> table(need, seen))
                .filter(Objects::nonNull)
                .toList();
        // of a partition and its parent, attaching belongs to the partition
        return candidates.stream()
                .filter(child -> candidates.stream()
                        .anyMatch(parent ->
                                catalog.parents().getOrDefault(child, Set.of()).contains(parent)))
                .findFirst()
                .orElse(candidates.isEmpty() ? null : candidates.get(0));
    }

    /** A partition or its index is created by itself and attached later, though pg_dump wants it after its parent. */
    private void noteAttached(ArchiveEntry attach) {
        Set<String> types =
                switch (attach.type()) {
                    case "TABLE ATTACH" -> Set.of("TABLE", "FOREIGN TABLE");
                    case "INDEX ATTACH" -> Set.of("INDEX", "CONSTRAINT");
                    default -> Set.of();
                };
        List<Integer> pair = attach.needs().stream()
                .filter(need -> archive.containsKey(need)
                        && types.contains(archive.get(need).type()))
                .toList();
        pair.forEach(child -> pair.forEach(parent -> attached.add(List.of(child, parent))));
    }

    private SchemaEntry entry(ArchiveEntry entry, Set<Integer> dropped) {
        return new SchemaEntry(
                entry.id(),
                isAggregate(entry) ? SchemaEntry.AGGREGATE : entry.type(),
                entry.schema() == null ? null : Latin.text(entry.schema()),
                Latin.text(entry.tag()),
                entry.owner() == null ? null : Latin.text(entry.owner()),
                late.contains(entry.id()) ? SchemaEntry.Section.LATE : entry.section(),
                0,
                0,
                tables.get(entry.id()),
                Stream.of(entry.needs().stream(), functions(entry), reads(entry), extension(entry))
                        .flatMap(need -> need)
                        .distinct()
                        .filter(need -> archive.containsKey(need) && !dropped.contains(need))
                        .filter(need -> !attached.contains(List.of(entry.id(), need)))
                        .toList());
    }

    /** TimescaleDB, where what it brings is used. */
    private Stream<Integer> extension(ArchiveEntry entry) {
        TableName table = tables.get(entry.id());
        boolean hypertable =
                entry.type().equals("TABLE") && request.hypertables().containsKey(table);
        return timescale != 0
                        && (hypertable
                                || isAggregate(entry)
                                || catalog.timescaleUsers().contains(entry.object()))
                ? Stream.of(timescale)
                : Stream.empty();
    }

    /** Functions that a hypertable's dimensions call: TimescaleDB knows them by name only, so pg_dump does not tell. */
    private Stream<Integer> functions(ArchiveEntry entry) {
        TableName table = tables.get(entry.id());
        Hypertable hypertable = table == null || !entry.type().equals("TABLE")
                ? null
                : request.hypertables().get(table);
        if (hypertable == null) {
            return Stream.empty();
        }
        return hypertable.dimensions().stream()
                .flatMap(dimension -> Stream.of(dimension.partitioningFunction(), dimension.integerNow()))
                .filter(Objects::nonNull)
                .flatMap(called -> archive.values().stream()
                        .filter(function -> function.type().equals("FUNCTION") && function.schema() != null)
                        // whichever of its name: TimescaleDB picks by the column's type
                        .filter(function -> Latin.text(function.schema()).equals(called.schema())
                                && Latin.text(function.tag()).startsWith(called.name() + "("))
                        .map(ArchiveEntry::id));
    }

    private Set<Integer> dropped(List<ArchiveEntry> all) {
        Set<Integer> dropped = all.stream()
                .filter(entry -> isTimescales(entry))
                .map(ArchiveEntry::id)
                .collect(Collectors.toCollection(HashSet::new));
        Set<Integer> internal = all.stream()
                .filter(entry -> catalog.internalUsers().contains(entry.object()) && !isAggregate(entry))
                .map(ArchiveEntry::id)
                .collect(Collectors.toCollection(HashSet::new));
        addUsers(internal, all);
        all.stream().filter(entry -> internal.contains(entry.id())).forEach(this::warnOfInternal);
        dropped.addAll(internal);
        return dropped;
    }

    /** Adds whatever needs them, at any distance; the archive's order does not promise that needs come first. */
    private static void addUsers(Set<Integer> needed, List<ArchiveEntry> all) {
        boolean more = true;
        while (more) {
            more = false;
            for (ArchiveEntry entry : all) {
                if (!needed.contains(entry.id()) && entry.needs().stream().anyMatch(needed::contains)) {
                    needed.add(entry.id());
                    more = true;
                }
            }
        }
    }

    private boolean isAggregate(ArchiveEntry entry) {
        return catalog.aggregates().containsKey(entry.object());
    }

    private void noteLate(List<ArchiveEntry> all) {
        List<ArchiveEntry> preData = all.stream()
                .filter(entry -> entry.section() == SchemaEntry.Section.PRE_DATA)
                .toList();
        preData.stream().filter(this::isAggregate).map(ArchiveEntry::id).forEach(late::add);
        addUsers(late, preData);
    }

    /** What an aggregate's query reads and calls. */
    private Stream<Integer> reads(ArchiveEntry aggregate) {
        Set<CatalogObject> reads = catalog.reads().getOrDefault(aggregate.object(), Set.of());
        return reads.isEmpty()
                ? Stream.empty()
                : archive.values().stream()
                        .filter(entry -> !entry.equals(aggregate) && reads.contains(entry.object()))
                        .map(ArchiveEntry::id);
    }

    /** Hypertables, and what aggregates are made of, are created before whatever needs an aggregate. */
    private void requireOrder(List<SchemaEntry> entries) {
        Set<Integer> early = entries.stream()
                .filter(entry -> entry.type().equals(SchemaEntry.AGGREGATE))
                .flatMap(entry -> entry.needs().stream())
                .collect(Collectors.toSet());
        for (SchemaEntry entry : entries) {
            boolean hypertable = entry.definesTable() && request.hypertables().containsKey(entry.table());
            if (entry.section() == SchemaEntry.Section.LATE
                    && !entry.type().equals(SchemaEntry.AGGREGATE)
                    && (hypertable || early.contains(entry.id()))) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        entry.label() + " needs a continuous aggregate, but has to be there before it: it can not be"
                                + " restored",
                        "exclude it, or let it need something else than the aggregate's view.");
            }
        }
    }

    /** What TimescaleDB brings or makes by itself. */
    private boolean isTimescales(ArchiveEntry entry) {
        TableName table = tables.get(entry.id());
        return catalog.timescaleTriggers().contains(entry.object())
                // a part of a chunk, which pg_dump 18 emits even though the chunk itself is not dumped
                || catalog.internal()
                        .contains(new TableName(Latin.text(String.valueOf(entry.schema())), Latin.text(entry.tag())))
                || (table != null && catalog.internal().contains(table));
    }

    private void warnOfInternal(ArchiveEntry entry) {
        boolean unselected = tables.get(entry.id()) != null && !request.tables().contains(tables.get(entry.id()));
        // a rule or a policy of a table that stays is one by itself
        boolean follows =
                SelectEntries.follows(entry.type()) && !catalog.internalUsers().contains(entry.object());
        if (unselected || follows) {
            return;
        }
        SchemaEntry named = entry(entry, Set.of());
        warnings.add(new Warning(
                "needs-internal-table",
                named.label() + " is not in the backup: it needs an internal table of TimescaleDB"));
    }

    private void warnOfParents(SchemaEntry entry) {
        if (entry.type().equals("TABLE")
                && catalog.inherited()
                        .containsKey(
                                Objects.requireNonNull(archive.get(entry.id())).object())) {
            warnings.add(new Warning(
                    "inherits-from-chunk",
                    "table " + entry.table() + " inherits from a chunk, which has another name in every database: its"
                            + " columns and rows are in the backup, that it inherits is not"));
        }
    }

    private static Warning warning(SelectEntries.LeftOut leftOut) {
        String why = leftOut.missing() == null
                ? "it is no part of a selected table"
                : "it needs table " + leftOut.missing() + ", which is not selected";
        return new Warning("not-selected", leftOut.entry().label() + " is not in the backup: " + why);
    }
}
