package io.hyperkeep.restore;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a target has of the extensions of a plan; reads only. For one thread. */
final class ExtensionsOfTarget {
    private static final String TIMESCALE = "timescaledb";
    private static final String TYPE = "EXTENSION";

    private final Connection connection;
    private final RestorePlan plan;

    ExtensionsOfTarget(Connection connection, RestorePlan plan) {
        this.connection = connection;
        this.plan = plan;
    }

    /** Those that the plan creates and the server does not have; not TimescaleDB, where nothing needs it. */
    Set<String> missing() throws SQLException {
        Set<String> available = available();
        return plan.preData().stream()
                .filter(entry -> entry.type().equals(TYPE) && !available.contains(entry.name()))
                .filter(entry -> !isTimescale(entry) || isNeeded(entry))
                .map(SchemaEntry::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether TimescaleDB has to be created, or is there. */
    boolean wantTimescale() throws SQLException {
        return !plan.hypertables().isEmpty()
                || (createsTimescale() || !plan.jobs().isEmpty()) && available().contains(TIMESCALE);
    }

    /** Whether TimescaleDB is left out, as the server does not have it and nothing of the plan needs it. */
    boolean lacksTimescale() throws SQLException {
        return createsTimescale()
                && plan.hypertables().isEmpty()
                && !available().contains(TIMESCALE);
    }

    private boolean createsTimescale() {
        if (plan.preData().stream().anyMatch(ExtensionsOfTarget::isTimescale)) {
            return true;
        }
        // backups of earlier versions have no entry for it
        return plan.selection().include().isEmpty()
                && !plan.isDataOnly()
                && plan.manifest().source().timescale() != null
                && plan.manifest().schema().entries().stream().noneMatch(ExtensionsOfTarget::isTimescale);
    }

    private static boolean isTimescale(SchemaEntry entry) {
        return entry.type().equals(TYPE) && entry.name().equals(TIMESCALE);
    }

    /** Beside comments on it. */
    private boolean isNeeded(SchemaEntry extension) {
        return !plan.hypertables().isEmpty()
                || plan.entries().stream()
                        .anyMatch(entry ->
                                !entry.type().equals("COMMENT") && entry.needs().contains(extension.id()));
    }

    /** The plan without TimescaleDB and what is said of it, for a server that does not have it. */
    static RestorePlan withoutTimescale(RestorePlan plan) {
        Set<Integer> left = new HashSet<>();
        plan.preData().stream().filter(ExtensionsOfTarget::isTimescale).forEach(entry -> left.add(entry.id()));
        plan.preData().stream()
                .filter(entry ->
                        entry.type().equals("COMMENT") && entry.needs().stream().anyMatch(left::contains))
                .map(SchemaEntry::id)
                .toList()
                .forEach(left::add);
        return left.isEmpty() ? plan : plan.without(left, Set.<TableName>of(), List.of());
    }

    /** The plan without comments on extensions that are there and another role's: only their owners may write them. */
    RestorePlan withoutOthersComments(RestorePlan from) throws SQLException {
        Set<String> others = Set.copyOf(Query.list(
                connection,
                "SELECT 'EXTENSION ' || extname::text FROM pg_catalog.pg_extension WHERE NOT pg_has_role(extowner, 'USAGE')",
                row -> row.getString(1)));
        Set<Integer> left = from.preData().stream()
                .filter(entry -> entry.type().equals("COMMENT") && others.contains(entry.name()))
                .map(SchemaEntry::id)
                .collect(Collectors.toSet());
        return left.isEmpty() ? from : from.without(left, Set.<TableName>of(), List.of());
    }

    /**
     * Extensions that are, or will be, of another version than in the source. TimescaleDB is none of them: what depends on
     * its version is carried from any to any, or has to be of the same one.
     */
    List<Warning> otherVersions() throws SQLException {
        Set<String> created = plan.manifest().dump() != null
                ? plan.manifest().source().extensions().stream()
                        .map(Source.Extension::name)
                        .collect(Collectors.toSet())
                : plan.preData().stream()
                        .filter(entry -> entry.type().equals(TYPE))
                        .map(SchemaEntry::name)
                        .collect(Collectors.toSet());
        Map<String, String> versions = new HashMap<>();
        Query.list(connection, """
                SELECT name, default_version FROM pg_catalog.pg_available_extensions WHERE installed_version IS NULL
                UNION ALL SELECT extname, extversion FROM pg_catalog.pg_extension
                """, row -> versions.put(row.getString(1), row.getString(2)));
        List<Warning> warnings = new ArrayList<>();
        for (Source.Extension extension : plan.manifest().source().extensions()) {
            String version = versions.get(extension.name());
            if (created.contains(extension.name())
                    && !extension.name().equals(TIMESCALE)
                    && version != null
                    && !version.equals(extension.version())) {
                warnings.add(new Warning(
                        "extension-version",
                        "extension " + extension.name() + " is of version " + version + " in the target, of version "
                                + extension.version() + " in the source"));
            }
        }
        return warnings;
    }

    private Set<String> available() throws SQLException {
        return Set.copyOf(Query.list(
                connection,
                "SELECT name FROM pg_catalog.pg_available_extensions UNION SELECT extname FROM pg_catalog.pg_extension",
                row -> row.getString(1)));
    }
}
