package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.DatabaseProperties.Grant;
import io.hyperkeep.manifest.DatabaseProperties.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes what is said of a database as a whole as SQL, whatever the database is called. Pure functions. */
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

    /**
     * One thing that is said.
     *
     * @param what it is, for people; without its value
     * @param sql without a semicolon
     */
    public record Statement(String what, String sql) {}

    /** All of it for psql, the owner first. */
    public static String of(DatabaseProperties properties) {
        return "ALTER DATABASE " + DATABASE + " OWNER TO " + Identifiers.quote(properties.owner()) + ";\n"
                + "COMMENT ON DATABASE " + DATABASE + " IS "
                + (properties.comment() == null ? "NULL" : Identifiers.literal(properties.comment())) + ";\n"
                + withoutOwner(new DatabaseProperties(
                        properties.owner(),
                        null,
                        properties.connectionLimit(),
                        properties.tablespace(),
                        properties.grants(),
                        properties.settings()));
    }

    /** What is not as in every new database, but the owner, for psql; empty when nothing is. */
    public static String withoutOwner(DatabaseProperties properties) {
        return statements(properties, DATABASE).stream()
                .map(statement -> statement.sql() + ";\n")
                .collect(Collectors.joining());
    }

    /**
     * What is not as in every new database, but the owner.
     *
     * @param database the database's name, quoted
     */
    public static List<Statement> statements(DatabaseProperties properties, String database) {
        List<Statement> statements = new ArrayList<>();
        if (properties.comment() != null) {
            statements.add(new Statement(
                    "comment", "COMMENT ON DATABASE " + database + " IS " + Identifiers.literal(properties.comment())));
        }
        if (properties.connectionLimit() != -1) {
            statements.add(new Statement(
                    "connection limit",
                    "ALTER DATABASE " + database + " CONNECTION LIMIT " + properties.connectionLimit()));
        }
        for (Setting setting : properties.settings()) {
            statements.add(new Statement(
                    "setting " + setting.label(),
                    (setting.role() == null
                                    ? "ALTER DATABASE "
                                    : "ALTER ROLE " + Identifiers.quote(setting.role()) + " IN DATABASE ")
                            + database + " SET " + name(setting.name()) + " TO " + value(setting)));
        }
        if (properties.grants() != null) {
            statements.add(new Statement("rights", "REVOKE ALL ON DATABASE " + database + " FROM PUBLIC"));
            statements.add(new Statement(
                    "rights", "REVOKE ALL ON DATABASE " + database + " FROM " + Identifiers.quote(properties.owner())));
            for (Grant grant : properties.grants()) {
                String grantee = grant.grantee() == null ? "PUBLIC" : Identifiers.quote(grant.grantee());
                statements.add(new Statement(
                        "right " + grant.privilege() + " of " + grantee,
                        "GRANT " + grant.privilege() + " ON DATABASE " + database + " TO " + grantee
                                + (grant.grantable() ? " WITH GRANT OPTION" : "")));
            }
        }
        return statements;
    }

    /** A name with a dot is one of an extension, and each part a word of its own. */
    private static String name(String name) {
        return String.join(
                ".", List.of(name.split("\\.")).stream().map(Identifiers::quote).toList());
    }

    private static String value(Setting setting) {
        if (!LISTS.contains(setting.name())) {
            return Identifiers.literal(setting.value());
        }
        List<String> elements = elements(setting.value());
        return elements.isEmpty()
                ? "''"
                : String.join(", ", elements.stream().map(Identifiers::literal).toList());
    }

    /** Cuts a list at its commas; what is quoted holds any character, a quote twice. */
    public static List<String> elements(String list) {
        List<String> elements = new ArrayList<>();
        int at = 0;
        while (at < list.length()) {
            char first = list.charAt(at);
            if (first == ' ' || first == ',') {
                at++;
            } else if (first == '"') {
                StringBuilder element = new StringBuilder();
                boolean open = true;
                for (at++; open && at < list.length(); at++) {
                    boolean quote = list.charAt(at) == '"';
                    boolean twice = quote && at + 1 < list.length() && list.charAt(at + 1) == '"';
                    if (twice) {
                        at++;
                    }
                    open = !quote || twice;
                    if (open) {
                        element.append(list.charAt(at));
                    }
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
