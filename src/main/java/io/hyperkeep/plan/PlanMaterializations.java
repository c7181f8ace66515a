package io.hyperkeep.plan;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What materialization hypertables of continuous aggregates have by themselves. The statements that create an aggregate
 * say nothing of it, so no restore gives it to them again. Pure functions.
 */
public final class PlanMaterializations {
    /** What is more than a property of the table, a column or an index. */
    private static final Set<String> BY_NAME = Set.of("policy", "rule", "statistics", "publication");

    private PlanMaterializations() {}

    /**
     * Names it, once an aggregate.
     *
     * @param passedOn by aggregate, the columns that have their rights from its view
     */
    public static List<Warning> notCarried(Inventory inventory, Map<TableName, Set<String>> passedOn) {
        List<Warning> warnings = new ArrayList<>();
        for (DiscoveredTable table : inventory.tables()) {
            if (table.structure().kind() == TableEntry.Kind.CONTINUOUS_AGGREGATE) {
                Set<String> own = own(inventory.objects(), table, passedOn.getOrDefault(table.name(), Set.of()));
                if (!own.isEmpty()) {
                    warnings.add(new Warning(
                            "materialization-properties",
                            "continuous aggregate " + table.name() + ": its materialization hypertable "
                                    + table.relation() + " has something of its own that no restore gives it again: "
                                    + String.join(", ", own)));
                }
            }
        }
        return warnings;
    }

    private static Set<String> own(List<SchemaObject> objects, DiscoveredTable table, Set<String> passedOn) {
        TableName relation = table.relation();
        // rights on the aggregate are rights on its hypertable, too
        String grants = objects.stream()
                .filter(object -> object.table() == null
                        && table.name().name().equals(object.name())
                        && table.name().schema().equals(object.schema()))
                .map(SchemaObject::facets)
                .map(facets -> facets.getOrDefault("grants", ""))
                .findFirst()
                .orElse("");
        Set<String> own = new TreeSet<>();
        table.structure().triggers().forEach(trigger -> own.add("trigger " + trigger.name()));
        for (SchemaObject object : objects) {
            if (!relation.equals(object.table())) {
                continue;
            }
            String of = object.name().isEmpty() ? "" : object.kind() + " " + object.name();
            if (BY_NAME.contains(object.kind())) {
                own.add(of);
                continue;
            }
            for (Map.Entry<String, String> facet : object.facets().entrySet()) {
                boolean granted = facet.getKey().equals("grants")
                        && (of.isEmpty()
                                ? facet.getValue().equals(grants)
                                : object.kind().equals("column") && passedOn.contains(object.name()));
                if (!granted) {
                    own.add(facet.getKey() + (of.isEmpty() ? "" : " of " + of));
                }
            }
        }
        return own;
    }
}
