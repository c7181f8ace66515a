package io.hyperkeep.restore;

import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.verify.CompareStructure;
import io.hyperkeep.verify.Expected;
import io.hyperkeep.verify.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Compares types, functions and the like that a restore uses because they are there with what the backup has. */
final class UsedObjects {
    private UsedObjects() {}

    /**
     * @param used entries of the schema that are not run
     * @return a warning for each that is not as in the backup, or of which that is not known
     */
    static List<Warning> differences(Connection connection, RestorePlan plan, List<SchemaEntry> used)
            throws SQLException {
        Inventory found =
                new DiscoverDatabase().inventory(connection, ServerCapabilities.of(connection), table -> false);
        List<Warning> warnings = new ArrayList<>();
        for (SchemaEntry entry : used) {
            // a schema holds what is restored, and is no part of it
            if (!entry.type().equals("SCHEMA")) {
                difference(plan, entry, found, warnings);
            }
        }
        return warnings;
    }

    private static void difference(RestorePlan plan, SchemaEntry entry, Inventory found, List<Warning> warnings) {
        List<SchemaObject> objects =
                plan.manifest().objects() == null ? List.of() : plan.manifest().objects();
        String kind = entry.type().toLowerCase(Locale.ROOT);
        List<SchemaObject> expected = objects.stream()
                .filter(object -> object.table() == null && object.kind().equals(kind))
                .filter(object -> object.isAmong(Set.of(entry.label())))
                .map(plan.names()::of)
                .toList();
        List<Finding> findings = CompareStructure.run(
                new Expected(
                        plan.manifest(),
                        List.of(),
                        List.of(),
                        expected,
                        Expected.Jobs.NONE,
                        Set.of(),
                        false,
                        false,
                        false),
                found);
        String label = expected.isEmpty()
                ? kind + " " + entry.label()
                : expected.get(0).label();
        if (expected.isEmpty()) {
            warnings.add(warning(label + " is in the target already and is used as it is there"));
        } else if (!findings.isEmpty()) {
            warnings.add(warning(label + " is in the target already and is used as it is there, though "
                    + String.join("; ", findings.stream().map(Finding::what).toList())));
        } else if (kind.equals("sequence")) {
            warnings.add(warning(label + " is in the target already and is used where it stands"));
        }
    }

    private static Warning warning(String text) {
        return new Warning("used-as-it-is", text);
    }
}
