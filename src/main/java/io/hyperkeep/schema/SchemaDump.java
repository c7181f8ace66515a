package io.hyperkeep.schema;

import io.hyperkeep.manifest.SchemaFiles;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.util.List;

/**
 * A schema dump that was written.
 *
 * @param files the files and what is where in them
 * @param refresh materialized views that held rows, in the order in which a restore refreshes them
 * @param warnings what the dump does not carry although nobody excluded it
 */
public record SchemaDump(SchemaFiles files, List<TableName> refresh, List<Warning> warnings) {
    public SchemaDump {
        refresh = List.copyOf(refresh);
        warnings = List.copyOf(warnings);
    }
}
