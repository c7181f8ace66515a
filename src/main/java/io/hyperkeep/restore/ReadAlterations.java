package io.hyperkeep.restore;

import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.Alterations.Assignment;
import io.hyperkeep.restore.Alterations.Content;
import io.hyperkeep.restore.Alterations.Rename;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what was given on the command line, as far as that needs no backup: {@link PlanRestore} looks at what it means.
 * Thread-safe: it has no state.
 */
public final class ReadAlterations {
    private ReadAlterations() {}

    /**
     * Options as they were given.
     *
     * @param schemaOnly whether rows are left out
     * @param dataOnly whether everything else is
     * @param renames {@code schema.table=schema.table}
     * @param schemas {@code OLD=NEW}
     * @param chunkIntervals {@code TABLE=INTERVAL}
     * @param partitions {@code TABLE=COLUMN:N}
     * @param timeColumns {@code TABLE=COLUMN}
     * @param from a time or a number, or null
     * @param until a time or a number, or null
     */
    public record Options(
            boolean schemaOnly,
            boolean dataOnly,
            List<String> renames,
            List<String> schemas,
            List<String> chunkIntervals,
            List<String> partitions,
            List<String> timeColumns,
            @Nullable String from,
            @Nullable String until) {}

    /**
     * Reads them.
     *
     * @param createDatabase whether the target is created first
     * @throws BackupException USAGE, naming the option that can not be read, or two that contradict each other
     */
    public static Alterations run(Options options, boolean createDatabase) {
        contradictions(options, createDatabase);
        return new Alterations(
                options.dataOnly ? Content.DATA_ONLY : options.schemaOnly ? Content.SCHEMA_ONLY : Content.EVERYTHING,
                renames(options.renames),
                schemas(options.schemas),
                assignments("--chunk-interval", "TABLE=INTERVAL, such as app.metrics=1d", options.chunkIntervals),
                assignments("--partition", "TABLE=COLUMN:N, such as app.metrics=device:4", options.partitions),
                assignments("--time-column", "TABLE=COLUMN, such as app.metrics=received", options.timeColumns),
                options.from,
                options.until);
    }

    private static void contradictions(Options options, boolean createDatabase) {
        if (options.schemaOnly && options.dataOnly) {
            throw contradiction("--schema-only", "--data-only", "give neither to restore both");
        }
        if (options.schemaOnly && (options.from != null || options.until != null)) {
            throw contradiction(
                    "--schema-only",
                    options.from != null ? "--from" : "--until",
                    "no row is restored then, of whatever time");
        }
        if (options.dataOnly) {
            String why = "--data-only fills tables that exist, as they are";
            if (createDatabase) {
                throw contradiction("--data-only", "--create-database", why);
            }
            if (!options.chunkIntervals.isEmpty()) {
                throw contradiction("--data-only", "--chunk-interval", why);
            }
            if (!options.partitions.isEmpty()) {
                throw contradiction("--data-only", "--partition", why);
            }
            if (!options.timeColumns.isEmpty()) {
                throw contradiction("--data-only", "--time-column", why);
            }
        }
    }

    private static BackupException contradiction(String one, String other, String hint) {
        return new BackupException(Problem.USAGE, one + " and " + other + " contradict each other", hint);
    }

    private static List<Rename> renames(List<String> texts) {
        List<Rename> renames = new ArrayList<>();
        for (String text : texts) {
            Assignment sides = sides("--rename", "schema.table=schema.table", text);
            renames.add(new Rename(table(text, sides.tables()), table(text, sides.value())));
        }
        return renames;
    }

    private static TableName table(String text, String side) {
        List<String> parts = parts(side);
        if (parts.size() != 2) {
            throw unreadable("--rename", text, "schema.table=schema.table, names with capitals in double quotes");
        }
        return new TableName(parts.get(0), parts.get(1));
    }

    private static Map<String, String> schemas(List<String> texts) {
        Map<String, String> schemas = new LinkedHashMap<>();
        for (String text : texts) {
            Assignment sides = sides("--schema-map", "OLD=NEW", text);
            List<String> old = parts(sides.tables());
            List<String> other = parts(sides.value());
            if (old.size() != 1 || other.size() != 1) {
                throw unreadable("--schema-map", text, "OLD=NEW, names with capitals in double quotes");
            }
            if (schemas.putIfAbsent(old.get(0), other.get(0)) != null) {
                throw new BackupException(
                        Problem.USAGE,
                        "--schema-map is given twice for schema " + old.get(0),
                        "a schema goes to one other schema");
            }
        }
        return schemas;
    }

    private static List<Assignment> assignments(String option, String form, List<String> texts) {
        return texts.stream().map(text -> sides(option, form, text)).toList();
    }

    private static Assignment sides(String option, String form, String text) {
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '"') {
                quoted = !quoted;
            } else if (text.charAt(i) == '=' && !quoted) {
                Assignment sides = new Assignment(
                        text.substring(0, i).strip(), text.substring(i + 1).strip());
                if (!sides.tables().isEmpty() && !sides.value().isEmpty()) {
                    return sides;
                }
                break;
            }
        }
        throw unreadable(option, text, form);
    }

    private static BackupException unreadable(String option, String text, String form) {
        return new BackupException(Problem.USAGE, option + " '" + text + "' can not be read", "it is given as " + form);
    }

    /**
     * The parts of a dotted name, read as SQL reads them: in lower case, unless in double quotes.
     *
     * @return empty when it is no name
     */
    static List<String> parts(String name) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '"' && quoted && name.startsWith("\"\"", i)) {
                part.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '.' && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(quoted ? c : Character.toLowerCase(c));
            }
        }
        parts.add(part.toString());
        return quoted || parts.stream().anyMatch(String::isEmpty) ? List.of() : parts;
    }
}
