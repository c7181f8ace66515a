package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statements that give a chunk, or a column of it, rights as a manifest has them: {@code reader=SELECT,UPDATE*; PUBLIC=…}. */
final class ChunkGrants {
    private static final String OWNER = "owner";

    private ChunkGrants() {}

    /**
     * Revokes what is there, and grants what is wanted.
     *
     * @param column null for the chunk itself
     * @param wanted null: nothing beside what the owner has
     */
    static List<String> statements(
            Connection connection, TableName chunk, @Nullable String column, @Nullable String wanted)
            throws SQLException {
        String relation = Identifiers.quote(chunk);
        String columns = column == null ? "" : " (" + Identifiers.quote(column) + ")";
        String on = " ON " + relation;
        String owner = Query.one(
                connection,
                "SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_catalog.pg_class WHERE oid = ?::regclass",
                row -> row.getString(1),
                relation);
        List<String> statements = new ArrayList<>();
        for (String grantee : grantees(connection, relation, column)) {
            statements.add("REVOKE ALL" + columns + on + " FROM " + grantee);
        }
        if (column == null) {
            statements.add("GRANT ALL" + on + " TO " + owner);
        }
        for (String item : wanted == null ? List.<String>of() : split(wanted, "; ")) {
            int equals = separator(item);
            String grantee = item.substring(0, equals);
            String rights = item.substring(equals + 1);
            if (grantee.equals(OWNER)) {
                statements.add("REVOKE ALL" + columns + on + " FROM " + owner);
                grantee = owner;
            }
            if (rights.equals("nothing")) {
                continue;
            }
            for (String right : split(rights, ",")) {
                boolean grantable = right.endsWith("*");
                statements.add("GRANT " + (grantable ? right.substring(0, right.length() - 1) : right) + columns + on
                        + " TO " + grantee + (grantable ? " WITH GRANT OPTION" : ""));
            }
        }
        return statements;
    }

    private static List<String> grantees(Connection connection, String relation, @Nullable String column)
            throws SQLException {
        String acl = column == null
                ? "SELECT relacl FROM pg_catalog.pg_class WHERE oid = ?::regclass"
                : "SELECT attacl FROM pg_catalog.pg_attribute WHERE attrelid = ?::regclass AND attname = "
                        + Identifiers.literal(column);
        return Query.list(
                connection,
                "SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END"
                        + " FROM aclexplode((" + acl + ")) AS a",
                row -> row.getString(1),
                relation);
    }

    /** At a separator that is not in a quoted name. */
    private static List<String> split(String text, String separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '"') {
                quoted = !quoted;
            } else if (!quoted && text.startsWith(separator, i)) {
                parts.add(text.substring(from, i));
                from = i + separator.length();
            }
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static int separator(String item) {
        boolean quoted = false;
        for (int i = 0; i < item.length(); i++) {
            if (item.charAt(i) == '"') {
                quoted = !quoted;
            } else if (!quoted && item.charAt(i) == '=') {
                return i;
            }
        }
        throw new IllegalArgumentException("no rights: " + item);
    }
}
