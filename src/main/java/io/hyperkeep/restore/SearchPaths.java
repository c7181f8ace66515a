package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.DatabaseProperties.Setting;
import io.hyperkeep.schema.PropertiesSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where users' code finds names without a schema: the {@code search_path} that a role's own sessions begin with. Sessions
 * of ours have an empty one, with which a function that relies on its callers' fails.
 *
 * <p>The settings of the source's database come first, as they are what the rows were written with; the roles' own are
 * those of the target's server. Immutable.
 */
final class SearchPaths {
    private static final String NAME = "search_path";
    private static final String EVERY_ROLE = "";

    private final Map<String, String> inDatabase;
    private final Map<String, String> ofRoles;
    private final String otherwise;
    private final UnaryOperator<String> schemas;

    private SearchPaths(
            Map<String, String> inDatabase,
            Map<String, String> ofRoles,
            String otherwise,
            UnaryOperator<String> schemas) {
        this.inDatabase = Map.copyOf(inDatabase);
        this.ofRoles = Map.copyOf(ofRoles);
        this.otherwise = otherwise;
        this.schemas = schemas;
    }

    /** Reads what the target says and the plan's manifest does not. */
    static SearchPaths read(Connection target, RestorePlan plan) throws SQLException {
        Map<String, String> inDatabase = new HashMap<>();
        DatabaseProperties properties = plan.manifest().dump() == null
                ? plan.manifest().properties()
                : plan.manifest().dump().properties();
        if (properties != null) {
            for (Setting setting : properties.settings()) {
                if (setting.name().equals(NAME)) {
                    inDatabase.put(setting.role() == null ? EVERY_ROLE : setting.role(), setting.value());
                }
            }
        }
        record Own(@Nullable String role, boolean ofThisDatabase, String path) {}
        List<Own> own = Query.list(target, """
                SELECT r.rolname, s.setdatabase OPERATOR(pg_catalog.<>) 0::oid,
                       pg_catalog.substr(c.setting, pg_catalog.length('search_path=') + 1)
                  FROM pg_catalog.pg_db_role_setting s
                 CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c(setting)
                  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
                 WHERE pg_catalog.starts_with(c.setting, 'search_path=')
                   AND (s.setdatabase = 0::oid
                        OR s.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database d
                                             WHERE d.datname = pg_catalog.current_database()))
                """, row -> new Own(row.getString(1), row.getBoolean(2), row.getString(3)));
        Map<String, String> ofRoles = new HashMap<>();
        for (Own setting : own) {
            String role = setting.role() == null ? EVERY_ROLE : setting.role();
            (setting.ofThisDatabase() ? inDatabase : ofRoles).putIfAbsent(role, setting.path());
        }
        String user = Query.one(target, "SELECT session_user::text", row -> row.getString(1));
        boolean ownDefault = own.stream()
                .anyMatch(setting -> setting.role() == null || setting.role().equals(user));
        String otherwise = ownDefault
                ? "\"$user\", public"
                : Query.one(
                        target,
                        "SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'search_path'",
                        row -> row.getString(1));
        return new SearchPaths(inDatabase, ofRoles, otherwise, plan.names()::ofSchema);
    }

    /** The value for sessions that are not the role's but do its work: {@code $user} is the role's own schema. */
    String of(String role) {
        return PropertiesSql.elements(value(role)).stream()
                .map(schema -> schema.equals("$user") ? role : schemas.apply(schema))
                .map(Identifiers::quote)
                .collect(Collectors.joining(", "));
    }

    /** Whether it depends on the role what a name means. */
    boolean differ() {
        String common = value(EVERY_ROLE);
        return Stream.of(inDatabase, ofRoles)
                .flatMap(paths -> paths.entrySet().stream())
                .anyMatch(path ->
                        !path.getKey().equals(EVERY_ROLE) && !path.getValue().equals(common));
    }

    private String value(String role) {
        for (String found : new @Nullable String[] {
            inDatabase.get(role), ofRoles.get(role), inDatabase.get(EVERY_ROLE), ofRoles.get(EVERY_ROLE)
        }) {
            if (found != null) {
                return found;
            }
        }
        return otherwise;
    }

    /** Sets it for the rest of the session, or of the transaction where that is rolled back. */
    static void set(Connection connection, String path) throws SQLException {
        Query.one(connection, "SELECT pg_catalog.set_config('" + NAME + "', ?, false)", row -> row.getString(1), path);
    }
}
