package io.hyperkeep.schema;

import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which entries go with some tables: pure functions, used for a backup's selection and for a restore's.
 *
 * <p>An entry that is, or needs, an unselected table can not be had. In the mode for everything, all others are; else
 * the selected tables, what belongs to them, and what these need. A view or a publication is not part of a table and
 * comes only with everything.
 */
public final class SelectEntries {
    /** Entries that say something about another one and come with it. */
    private static final Set<String> FOLLOWERS =
            Set.of("ACL", "COMMENT", "SECURITY LABEL", "SEQUENCE OWNED BY", "RULE", "INDEX", "TRIGGER", "INDEX ATTACH");

    /** Entries that belong to a table but make it part of something larger. */
    private static final Set<String> PUBLICATIONS = Set.of("PUBLICATION TABLE");

    private final List<SchemaEntry> entries;
    private final Map<Integer, SchemaEntry> byId = new HashMap<>();
    private final Set<TableName> tables;
    private final boolean everything;
    /** For each entry that can not be had, the unselected table that it needs. */
    private final Map<Integer, TableName> barred = new HashMap<>();

    private SelectEntries(List<SchemaEntry> entries, Set<TableName> tables, boolean everything) {
        this.entries = entries;
        this.tables = tables;
        this.everything = everything;
        entries.forEach(entry -> byId.put(entry.id(), entry));
    }

    /**
     * What was chosen.
     *
     * @param entries the chosen ones, in their order
     * @param leftOut what a selected table loses, or what depends on one, without entries that only say something about
     *     another one that is left out
     */
    public record Selected(List<SchemaEntry> entries, List<LeftOut> leftOut) {
        public Selected {
            entries = List.copyOf(entries);
            leftOut = List.copyOf(leftOut);
        }
    }

    /**
     * An entry that is not among the chosen ones.
     *
     * @param entry what
     * @param missing the table that it needs and that is not selected; null when only the selected tables' own parts
     *     were asked for and it is none
     */
    public record LeftOut(SchemaEntry entry, @Nullable TableName missing) {}

    /**
     * Chooses.
     *
     * @param entries all there are, in the order in which they run
     * @param tables the selected tables
     * @param everything whether objects come too that no selected table needs
     * @throws BackupException UNSUITABLE when a selected table can not be without one that is not selected (it inherits
     *     from it, or has its row type), MISMATCH when there is no entry for a selected table
     */
    public static Selected run(List<SchemaEntry> entries, Set<TableName> tables, boolean everything) {
        return new SelectEntries(entries, tables, everything).select();
    }

    /** Whether entries of this type only say something about another one. */
    public static boolean follows(String type) {
        return FOLLOWERS.contains(type);
    }

    private Selected select() {
        bar();
        requireTables();
        Set<Integer> chosen = new HashSet<>();
        entries.stream().filter(this::isRoot).forEach(entry -> include(entry, chosen));
        follow(chosen);
        List<LeftOut> leftOut = entries.stream()
                .filter(entry -> !chosen.contains(entry.id()) && isLoss(entry))
                .map(entry -> new LeftOut(entry, barred.get(entry.id())))
                .toList();
        return new Selected(
                entries.stream().filter(entry -> chosen.contains(entry.id())).toList(), leftOut);
    }

    /** Spreads from the unselected tables to whatever needs them. */
    private void bar() {
        Map<Integer, List<Integer>> users = new HashMap<>();
        for (SchemaEntry entry : entries) {
            entry.needs().forEach(need -> users.computeIfAbsent(need, id -> new ArrayList<>())
                    .add(entry.id()));
        }
        Deque<Integer> open = new ArrayDeque<>();
        for (SchemaEntry entry : entries) {
            if (entry.definesTable() && !tables.contains(entry.table())) {
                barred.put(entry.id(), entry.table());
                open.add(entry.id());
            }
        }
        while (!open.isEmpty()) {
            int id = open.remove();
            TableName because = barred.get(id);
            for (int user : users.getOrDefault(id, List.of())) {
                if (barred.putIfAbsent(user, because) == null) {
                    open.add(user);
                }
            }
        }
    }

    private void requireTables() {
        Set<TableName> missing = new TreeSet<>(tables);
        for (SchemaEntry entry : entries) {
            if (entry.definesTable() && missing.remove(entry.table())) {
                TableName needed = barred.get(entry.id());
                if (needed != null) {
                    throw new BackupException(
                            Problem.UNSUITABLE,
                            "table " + entry.table() + " can not be without table " + needed
                                    + ", which is not selected",
                            "include both or exclude both.");
                }
            }
        }
        if (!missing.isEmpty()) {
            throw new BackupException(
                    Problem.MISMATCH,
                    "the schema dump has no definition that can be restored for " + missing,
                    "see the warnings about objects that need TimescaleDB's internal tables; exclude these tables, or change them.");
        }
    }

    private boolean isRoot(SchemaEntry entry) {
        if (barred.containsKey(entry.id())) {
            return false;
        }
        if (entry.table() == null) {
            return everything;
        }
        return tables.contains(entry.table()) && (everything || !PUBLICATIONS.contains(entry.type()));
    }

    private void include(SchemaEntry root, Set<Integer> chosen) {
        Deque<SchemaEntry> open = new ArrayDeque<>();
        open.add(root);
        while (!open.isEmpty()) {
            SchemaEntry entry = open.remove();
            if (chosen.add(entry.id())) {
                entry.needs().stream()
                        .map(byId::get)
                        .filter(need -> need != null)
                        .forEach(open::add);
            }
        }
    }

    /** Adds grants, comments and the like of what was only needed; those of tables are roots themselves. */
    private void follow(Set<Integer> chosen) {
        boolean more = true;
        while (more) {
            more = false;
            for (SchemaEntry entry : entries) {
                if (FOLLOWERS.contains(entry.type())
                        && !entry.needs().isEmpty()
                        && !barred.containsKey(entry.id())
                        && chosen.containsAll(entry.needs())) {
                    more |= chosen.add(entry.id());
                }
            }
        }
    }

    private boolean isLoss(SchemaEntry entry) {
        if (entry.table() != null && tables.contains(entry.table())) {
            return true;
        }
        if (entry.type().equals("TABLE ATTACH") && !everything) {
            return needsSelectedTable(entry, new HashSet<>()); // its rows were not asked for, perhaps by oversight
        }
        if (entry.table() != null || FOLLOWERS.contains(entry.type())) {
            return false;
        }
        return everything || needsSelectedTable(entry, new HashSet<>());
    }

    private boolean needsSelectedTable(SchemaEntry entry, Set<Integer> seen) {
        return entry.needs().stream()
                .map(byId::get)
                .filter(need -> need != null && seen.add(need.id()))
                .anyMatch(need ->
                        (need.definesTable() && tables.contains(need.table())) || needsSelectedTable(need, seen));
    }
}
