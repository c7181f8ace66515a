package io.hyperkeep.archive;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.DatabaseProperties.Grant;
import io.hyperkeep.manifest.DatabaseProperties.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Writes what is said of a database as a whole as SQL for psql, whatever the database is called. Pure functions. */
public final class PropertiesSql {
    /** psql's variable of that name is the database that it is connected to. */
    private static final String DATABASE = ":\"DBNAME\"";

    /** Their value is a list of quoted names, whose elements are given one by one (pg_dump, dumputils.c). */
    private static final Set<String> LISTS = Set.of(
            "local_preload_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    private PropertiesSql() {}

    /** The statements, for psql connected to the database. */
    public static String of(DatabaseProperties properties) {
        StringBuilder sql = new StringBuilder();
        statement(sql, "ALTER DATABASE " + DATABASE + " OWNER TO " + Identifiers.quote(properties.owner()));
        statement(
                sql,
                "COMMENT ON DATABASE " + DATABASE + " IS "
                        + (properties.comment() == null ? "NULL" : literal(properties.comment())));
        if (properties.connectionLimit() != -1) {
            statement(sql, "ALTER DATABASE " + DATABASE + " CONNECTION LIMIT " + properties.connectionLimit());
        }
        for (Setting setting : properties.settings()) {
            statement(
                    sql,
                    (setting.role() == null
                                    ? "ALTER DATABASE "
                                    : "ALTER ROLE " + Identifiers.quote(setting.role()) + " IN DATABASE ")
                            + DATABASE + " SET " + name(setting.name()) + " TO " + value(setting));
        }
        if (properties.grants() != null) {
            statement(sql, "REVOKE ALL ON DATABASE " + DATABASE + " FROM PUBLIC");
            statement(sql, "REVOKE ALL ON DATABASE " + DATABASE + " FROM " + Identifiers.quote(properties.owner()));
            for (Grant grant : properties.grants()) {
                statement(
                        sql,
                        "GRANT " + grant.privilege() + " ON DATABASE " + DATABASE + " TO "
                                + (grant.grantee() == null ? "PUBLIC" : Identifiers.quote(grant.grantee()))
                                + (grant.grantable() ? " WITH GRANT OPTION" : ""));
            }
        }
        return sql.toString();
    }

    private static void statement(StringBuilder sql, String text) {
        sql.append(text).append(";\n");
    }

    /** A name with a dot is one of an extension, and each part a word of its own. */
    private static String name(String name) {
        return String.join(
                ".", List.of(name.split("\\.")).stream().map(Identifiers::quote).toList());
    }

    private static String value(Setting setting) {
        if (!LISTS.contains(setting.name())) {
            return literal(setting.value());
        }
        List<String> elements = elements(setting.value());
        return elements.isEmpty()
                ? "''"
                : String.join(
                        ", ", elements.stream().map(PropertiesSql::literal).toList());
    }

    /** psql replaces variables outside of quotes only, so a literal needs no more care than for the server. */
    private static String literal(String text) {
        return Identifiers.literal(text);
    }

    /** Cuts a list at its commas; what is quoted holds any character, a quote twice. */
    static List<String> elements(String list) {
        List<String> elements = new ArrayList<>();
        int at = 0;
        while (at < list.length()) {
            char first = list.charAt(at);
            if (first == ' ' || first == ',') {
                at++;
            } else if (first == '"') {
                StringBuilder element = new StringBuilder();
                for (at++; at < list.length(); at++) {
                    if (list.charAt(at) == '"' && (at + 1 == list.length() || list.charAt(++at) != '"')) {
                        break;
                    }
                    element.append(list.charAt(at));
                }
                elements.add(element.toString());
            } else {
                int end = list.indexOf(',', at);
                end = end < 0 ? list.length() : end;
                elements.add(list.substring(at, end).strip());
                at = end;
            }
        }
        return elements;
    }
}
