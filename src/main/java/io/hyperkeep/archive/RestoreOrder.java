package io.hyperkeep.archive;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The entries of an archive in the order in which they can be restored, several at a time, into a database with
 * TimescaleDB; each list is what {@code pg_restore --use-list} takes. A pure function of what {@code pg_restore --list}
 * prints.
 *
 * <p>pg_restore knows nothing of what TimescaleDB's catalog means. Restored in parallel as it comes, chunks are filled
 * before the catalog says that they are chunks; and what reads a hypertable in restoring mode sees its empty root alone:
 * the check of a foreign key that refers to one fails, and a materialized view over one is filled with wrong rows.
 *
 * @param preData definitions, before any row
 * @param catalog TimescaleDB's own rows, alone and in the archive's order, which its foreign keys need
 * @param unchecked those of them whose foreign keys TimescaleDB itself does not keep, after them: the settings of
 *     chunk skipping in 2.19 refer to a chunk 0 that is nowhere
 * @param data all other rows, in any order
 * @param checked rows of tables that are checked by functions which may read other tables: after these, in the archive's
 *     order
 * @param postData indexes, constraints, triggers, in any order that pg_restore finds
 * @param clustered indexes that are to be created while no other one of the same table is: creating an index and marking
 *     it is one transaction of pg_restore's, and two sessions that both want to mark one of a table wait for each other
 * @param attached indexes of partitions that become parts of their tables', one after the other: of a table with
 *     partitions of partitions, two of them wait for each other
 * @param keys foreign keys, which may need indexes that were attached
 * @param statistics the planner's, of tables and indexes that are there by then; empty before version 18 of pg_dump
 * @param views rows of materialized views, after restoring mode: what they read has to be there
 * @param late what else reads rows, after restoring mode: keys that refer to hypertables; and event triggers, as they would
 *     watch these
 */
record RestoreOrder(
        List<String> preData,
        List<String> catalog,
        List<String> unchecked,
        List<String> data,
        List<String> checked,
        List<String> postData,
        List<String> clustered,
        List<String> attached,
        List<String> keys,
        List<String> statistics,
        List<String> views,
        List<String> late) {
    private static final Pattern ENTRY = Pattern.compile("(\\d+); (\\d+) (\\d+) (.*)", Pattern.DOTALL);
    private static final Pattern EXTENSION = Pattern.compile("EXTENSION - timescaledb ?");
    private static final Pattern UNCHECKED =
            Pattern.compile("TABLE DATA _timescaledb_catalog chunk_column_stats .*", Pattern.DOTALL);
    private static final Pattern OF_THE_DATABASE = Pattern.compile(
            "(?:DATABASE|DATABASE PROPERTIES) - .*|(?:ACL|COMMENT|SECURITY LABEL) - DATABASE .*", Pattern.DOTALL);
    private static final String VIEW = "MATERIALIZED VIEW DATA ";
    private static final String STATISTICS = "STATISTICS DATA ";
    private static final Pattern LATE = Pattern.compile(
            "(?:EVENT TRIGGER|(?:COMMENT|SECURITY LABEL) - EVENT TRIGGER|COMMENT \\S.* CONSTRAINT) .*", Pattern.DOTALL);

    private static final Pattern OF_EVENT_TRIGGER =
            Pattern.compile("EVENT TRIGGER - .*|(?:COMMENT|SECURITY LABEL) - EVENT TRIGGER .*", Pattern.DOTALL);

    RestoreOrder {
        preData = List.copyOf(preData);
        catalog = List.copyOf(catalog);
        unchecked = List.copyOf(unchecked);
        data = List.copyOf(data);
        checked = List.copyOf(checked);
        postData = List.copyOf(postData);
        clustered = List.copyOf(clustered);
        attached = List.copyOf(attached);
        keys = List.copyOf(keys);
        statistics = List.copyOf(statistics);
        views = List.copyOf(views);
        late = List.copyOf(late);
    }

    /** What {@code pg_restore --list} printed for each section. */
    record Sections(List<String> preData, List<String> data, List<String> postData) {}

    /**
     * What an entry's oid stands for in the source.
     *
     * @param tables that the extension itself has
     * @param checkedByFunctions tables with a CHECK that calls a function of users which is not immutable
     * @param keysToHypertables foreign keys that refer to hypertables
     * @param clusteredBesideIdentity indexes that a table is clustered on, while another one is its replica identity
     */
    record Special(
            Set<Long> tables,
            Set<Long> checkedByFunctions,
            Set<Long> keysToHypertables,
            Set<Long> clusteredBesideIdentity) {
        Special {
            tables = Set.copyOf(tables);
            checkedByFunctions = Set.copyOf(checkedByFunctions);
            keysToHypertables = Set.copyOf(keysToHypertables);
            clusteredBesideIdentity = Set.copyOf(clusteredBesideIdentity);
        }
    }

    /**
     * Sorts them.
     *
     * @param special what only the catalog tells of entries
     */
    static RestoreOrder of(Sections sections, Special special) {
        List<String> catalog = new ArrayList<>();
        List<String> unchecked = new ArrayList<>();
        List<String> data = new ArrayList<>();
        List<String> checked = new ArrayList<>();
        List<String> statistics = new ArrayList<>();
        for (String line : entries(sections.data())) {
            Matcher entry = entry(line);
            String what = entry.group(4);
            if (what.startsWith(STATISTICS)) {
                statistics.add(line);
                continue;
            }
            boolean rows = what.startsWith("TABLE DATA ");
            Long oid = Long.valueOf(entry.group(3));
            boolean own = what.startsWith("SEQUENCE SET _timescaledb_")
                    || rows && special.tables().contains(oid);
            if (own) {
                (UNCHECKED.matcher(what).matches() ? unchecked : catalog).add(line);
            } else {
                (rows && special.checkedByFunctions().contains(oid) ? checked : data).add(line);
            }
        }
        List<String> postData = new ArrayList<>();
        List<String> clustered = new ArrayList<>();
        List<String> attached = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        List<String> views = new ArrayList<>();
        List<String> late = new ArrayList<>();
        for (String line : entries(sections.postData())) {
            Matcher entry = entry(line);
            String what = entry.group(4);
            Long oid = Long.valueOf(entry.group(3));
            if (what.startsWith(STATISTICS)) {
                statistics.add(line);
                continue;
            }
            boolean key = what.startsWith("FK CONSTRAINT ");
            if (what.startsWith(VIEW)) {
                views.add(line);
            } else if (LATE.matcher(what).matches()
                    || key && special.keysToHypertables().contains(oid)) {
                late.add(line);
            } else if (key) {
                keys.add(line);
            } else if (what.startsWith("INDEX ATTACH ")) {
                attached.add(line);
            } else if (what.startsWith("INDEX ")
                    && special.clusteredBesideIdentity().contains(oid)) {
                clustered.add(line);
            } else {
                postData.add(line);
            }
        }
        // the last of all: they would fire on everything that comes after them
        late.sort(Comparator.comparing(RestoreOrder::isOfEventTrigger));
        return new RestoreOrder(
                entries(sections.preData()),
                catalog,
                unchecked,
                data,
                checked,
                postData,
                clustered,
                attached,
                keys,
                statistics,
                views,
                late);
    }

    /**
     * A table's rows in the archive.
     *
     * @param entry the entry's number, which its file is called by
     * @param table oid of the table in the source
     */
    record Rows(long entry, long table) {}

    /** The rows of all tables but TimescaleDB's own. */
    List<Rows> rows() {
        return Stream.concat(data.stream(), checked.stream())
                .map(RestoreOrder::entry)
                .filter(entry -> entry.group(4).startsWith("TABLE DATA "))
                .map(entry -> new Rows(Long.parseLong(entry.group(1)), Long.parseLong(entry.group(3))))
                .toList();
    }

    /** What of a listing is restored. */
    static List<String> entries(List<String> lines) {
        return lines.stream()
                .filter(line -> {
                    Matcher entry = ENTRY.matcher(line);
                    return entry.matches()
                            // created before, in the archive's version
                            && !EXTENSION.matcher(entry.group(4)).matches()
                            // the database's name is another one
                            && !OF_THE_DATABASE.matcher(entry.group(4)).matches();
                })
                .toList();
    }

    /** Whether an entry is an event trigger, or its comment or security label. */
    static boolean isOfEventTrigger(String line) {
        return OF_EVENT_TRIGGER.matcher(entry(line).group(4)).matches();
    }

    private static Matcher entry(String line) {
        Matcher entry = ENTRY.matcher(line);
        if (!entry.matches()) {
            throw new IllegalArgumentException(line);
        }
        return entry;
    }
}
