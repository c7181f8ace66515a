package io.hyperkeep.archive;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is compared where everything was to become one role's: all but owners, and rights, which are told beside what an
 * owner has anyway. Pure functions.
 */
final class WithoutOwners {
    private static final String NOBODY = "";
    private static final Set<String> OF_OWNERS = Set.of("owner", "grants");

    private WithoutOwners() {}

    static List<TableEntry> tables(List<TableEntry> tables) {
        return tables.stream().map(table -> table.ownedBy(NOBODY)).toList();
    }

    static List<SchemaObject> objects(List<SchemaObject> objects) {
        return objects.stream()
                .map(object -> {
                    Map<String, String> facets = new HashMap<>(object.facets());
                    facets.keySet().removeAll(OF_OWNERS);
                    return new SchemaObject(object.kind(), object.schema(), object.name(), object.table(), facets);
                })
                .toList();
    }

    static Inventory of(Inventory found) {
        return new Inventory(
                found.source(),
                found.server(),
                found.tablespaces(),
                found.tables().stream()
                        .map(table -> new DiscoveredTable(
                                table.structure().ownedBy(NOBODY),
                                table.relation(),
                                table.oid(),
                                table.filenode(),
                                table.bytes(),
                                table.blocks(),
                                table.chunks()))
                        .toList(),
                found.aggregates(),
                found.sequences(),
                objects(found.objects()),
                found.jobs());
    }
}
