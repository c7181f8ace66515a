package io.hyperkeep.restore;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.DumpSchema;
import io.hyperkeep.schema.EntryTablespace;
import io.hyperkeep.schema.SchemaFile;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tables, indexes and materialized views that were in tablespaces which the target's server does not have: they go to the
 * database's default one, and are named before anything is done.
 *
 * @param objects what is in them, by the tablespace
 * @param unused what is in others, which the server has and which are not used all the same
 */
public record MissingTablespaces(Map<String, List<String>> objects, Map<String, List<String>> unused) {
    /** None. */
    public static final MissingTablespaces NONE = new MissingTablespaces(Map.of(), Map.of());

    private static final int LISTED = 5;

    public MissingTablespaces {
        objects = new TreeMap<>(objects);
        unused = new TreeMap<>(unused);
    }

    /** The tablespaces that the server has. */
    public static Set<String> there(Connection connection) throws SQLException {
        return new HashSet<>(
                Query.list(connection, "SELECT spcname FROM pg_catalog.pg_tablespace", row -> row.getString(1)));
    }

    /**
     * Of an archive: pg_restore leaves out all tablespaces or none, so with one that is missing none is used.
     *
     * @param all objects by their tablespace
     * @param there the tablespaces that the server has
     */
    public static MissingTablespaces ofArchive(Map<String, List<String>> all, Set<String> there) {
        Map<String, List<String>> missing = new TreeMap<>(all);
        missing.keySet().removeAll(there);
        Map<String, List<String>> others = new TreeMap<>(all);
        others.keySet().retainAll(there);
        return missing.isEmpty() ? NONE : new MissingTablespaces(missing, others);
    }

    /**
     * Reads the schema of a backup of tables.
     *
     * @param backup its folder
     * @param connection in any database of the target's server
     */
    public static MissingTablespaces of(BackupFolder backup, RestorePlan plan, Connection connection)
            throws SQLException {
        Map<String, List<String>> all = new TreeMap<>();
        if (!plan.options().noTablespaces()) {
            add(all, backup, DumpSchema.PRE_DATA, Section.PRE_DATA, plan.preData());
            add(all, backup, DumpSchema.LATE, Section.LATE, plan.late());
            add(all, backup, DumpSchema.POST_DATA, Section.POST_DATA, plan.postData());
        }
        all.keySet().removeAll(there(connection));
        return new MissingTablespaces(all, Map.of());
    }

    private static void add(
            Map<String, List<String>> all,
            BackupFolder backup,
            String name,
            Section section,
            List<SchemaEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        Path file = backup.path().resolve("schema").resolve(name);
        try (SchemaFile in = SchemaFile.open(file)) {
            for (SchemaEntry entry : entries) {
                String tablespace = entry.section() == section ? EntryTablespace.of(entry, in.entry(entry)) : null;
                if (tablespace != null) {
                    all.computeIfAbsent(tablespace, of -> new ArrayList<>())
                            .add(label(entry.type(), entry.schema(), entry.name()));
                }
            }
        } catch (IOException e) {
            throw StorageErrors.reading(file.toString(), e);
        }
    }

    /** For messages: {@code table app.metrics}. */
    public static String label(String type, @Nullable String schema, String name) {
        return type.toLowerCase(Locale.ROOT) + " " + (schema == null ? "" : schema + ".") + name;
    }

    /** One for each tablespace. */
    public List<Warning> warnings() {
        List<Warning> warnings = new ArrayList<>();
        objects.forEach((tablespace, of) ->
                warnings.add(warning("the target's server has no tablespace " + tablespace + ": ", of)));
        unused.forEach((tablespace, of) -> warnings.add(
                warning("tablespace " + tablespace + " is not used, as pg_restore leaves out all or none: ", of)));
        return warnings;
    }

    private static Warning warning(String why, List<String> of) {
        return new Warning(
                "tablespace",
                why + of.stream().limit(LISTED).collect(Collectors.joining(", "))
                        + (of.size() > LISTED ? " and " + (of.size() - LISTED) + " more" : "")
                        + (of.size() == 1 ? " goes" : " go") + " to the database's default one");
    }

    /**
     * Makes new chunks go to the database's default tablespace where an archive's catalog names one that the server does not
     * have: to create a chunk would fail.
     *
     * @param connection of a superuser, in a database with TimescaleDB
     */
    public static void forgetAttached(Connection connection) throws SQLException {
        Query.execute(
                connection,
                "DELETE FROM _timescaledb_catalog.tablespace t WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_tablespace s"
                        + " WHERE s.spcname = t.tablespace_name)");
    }

    /**
     * Refuses to leave any out, if that is asked for.
     *
     * @throws BackupException UNSUITABLE, naming all of them
     */
    public void require(RestorePlan plan) {
        if (plan.options().strict() && !objects.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the target can not carry everything of backup "
                            + plan.manifest().id() + ": "
                            + warnings().stream().map(Warning::text).collect(Collectors.joining("; ")),
                    "nothing was restored. Create these tablespaces, or restore with --no-tablespaces, which uses none.");
        }
    }
}
