package io.hyperkeep.restore;

import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.DumpSchema;
import io.hyperkeep.schema.RenameSql;
import io.hyperkeep.schema.SchemaFile;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Looks for statements of a backup that can not be written with other names: those in which a name may mean two things
 * are refused, those that hold an old name in a text are told. Reads the schema files only. Thread-safe.
 */
public final class CheckNames {
    private final BackupFolder backup;

    public CheckNames(BackupFolder backup) {
        this.backup = backup;
    }

    /**
     * Looks at every entry that the plan runs.
     *
     * @return the plan, with a warning for each routine or other object that goes on to name what has another name now
     * @throws BackupException UNSUITABLE, naming the objects that can not be renamed; DAMAGED when a schema file does not
     *     hold what the manifest says
     */
    public RestorePlan run(RestorePlan plan) {
        if (plan.names().areSame()) {
            return plan;
        }
        List<String> ambiguous = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        plan.tables().forEach(table -> namesInRows(table, warnings));
        look(plan.preData(), DumpSchema.PRE_DATA, plan.names().sql(), ambiguous, warnings);
        if (!plan.late().isEmpty()) {
            look(plan.late(), DumpSchema.LATE, plan.names().sql(), ambiguous, warnings);
        }
        look(plan.postData(), DumpSchema.POST_DATA, plan.names().sql(), ambiguous, warnings);
        if (!ambiguous.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "can not restore " + String.join(", ", ambiguous)
                            + " with other names: the schema of a renamed object is a name of something else there, too",
                    "select the tables with --include, which leaves views out, or restore without --rename and"
                            + " --schema-map, and rename then");
        }
        return plan.without(Set.of(), Set.of(), warnings);
    }

    /** Values of these types are names, and rows are restored as they were. */
    private static void namesInRows(TableEntry table, List<Warning> warnings) {
        table.columns().stream()
                .filter(column -> column.type().matches("reg[a-z]+(\\[\\])?"))
                .forEach(column -> warnings.add(new Warning(
                        "old-name",
                        "column " + column.name() + " of table " + table.name() + ", of type " + column.type()
                                + ", holds names of objects, which are left as they were: rows that name what is not in the"
                                + " target can not be restored")));
    }

    private void look(
            List<SchemaEntry> entries, String name, RenameSql names, List<String> ambiguous, List<Warning> warnings) {
        Path path = backup.path().resolve("schema").resolve(name);
        try (SchemaFile file = SchemaFile.open(path)) {
            for (SchemaEntry entry : entries) {
                String text = file.entry(entry);
                if (names.ambiguous(entry, text)) {
                    ambiguous.add(entry.label());
                }
                String mentioned = names.mentions(entry, text);
                if (mentioned != null) {
                    warnings.add(new Warning(
                            "old-name",
                            entry.label() + " still names " + mentioned
                                    + " in a text, where names are left as they were: change it by hand if it means what"
                                    + " was restored"));
                }
            }
        } catch (IOException e) {
            throw StorageErrors.reading(path.toString(), e);
        }
    }
}
