package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks, when everything was read, whether a definition that no lock of ours protects was altered since the snapshot: a
 * type, a domain, a collation, a function, a schema. PostgreSQL writes values and definitions by what these are now, not
 * by what they were in the snapshot, so that the backup would hold both. What was added or dropped since does no harm.
 * Thread-safe: it has no state.
 *
 * <p>Labels of enums and attributes of composite types are compared with the transaction that wrote them: values were
 * read also between a change and the one that took it back.
 */
public final class ChangedDefinitions {
    private static final int NAMED = 5;

    /** Of each object its kind, its catalog and oid, its name and what it is; 16384 is the first oid that initdb does not give out. */
    private static final String DEFINITIONS = """
            WITH own AS (
              SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
               WHERE n.nspname !~ '^pg_(toast$|temp_|toast_temp_)')
            SELECT 'schema', 'pg_namespace ' || oid::text, pg_catalog.quote_ident(nspname), nspname::text FROM own WHERE oid >= 16384
            UNION ALL
            SELECT 'collation', 'pg_collation ' || c.oid::text, pg_catalog.format('%I.%I', n.nspname, c.collname),
                   pg_catalog.concat_ws(' ', c.collnamespace, c.collname, c.collprovider, c.collcollate, c.collctype)
              FROM pg_catalog.pg_collation c JOIN own n ON n.oid = c.collnamespace WHERE c.oid >= 16384
            UNION ALL
            SELECT 'function', 'pg_proc ' || p.oid::text, pg_catalog.format('%I.%I', n.nspname, p.proname),
                   pg_catalog.concat_ws(' ', p.pronamespace, p.proname, pg_catalog.hashtextextended(p.prosqlbody::text, 0))
              FROM pg_catalog.pg_proc p JOIN own n ON n.oid = p.pronamespace WHERE p.oid >= 16384
            UNION ALL
            SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, 'pg_type ' || t.oid::text,
                   pg_catalog.format('%I.%I', n.nspname, t.typname),
                   pg_catalog.concat_ws(' ', t.typnamespace, t.typname, t.typdelim, t.typbasetype, t.typtypmod, t.typcollation,
                       t.typnotnull, t.typdefault,
                       (SELECT pg_catalog.hashtextextended(pg_catalog.concat_ws(' ', p.oid, p.prosrc, p.probin), 0)
                          FROM pg_catalog.pg_proc p WHERE p.oid = t.typoutput),
                       (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', k.oid, k.conname,
                                                         pg_catalog.hashtextextended(k.conbin::text, 0)), ' ' ORDER BY k.oid)
                          FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid),
                       (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod,
                                                         a.attisdropped, a.xmin), ' ' ORDER BY a.attnum)
                          FROM pg_catalog.pg_attribute a
                         WHERE c.relkind = 'c' AND a.attrelid = c.oid AND a.attnum > 0))
              FROM pg_catalog.pg_type t JOIN own n ON n.oid = t.typnamespace
              LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
             WHERE t.oid >= 16384 AND (t.typrelid = 0 OR c.relkind = 'c')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
            UNION ALL
            SELECT 'label ' || pg_catalog.quote_literal(l.enumlabel) || ' of type', 'pg_enum ' || l.oid::text,
                   pg_catalog.format('%I.%I', n.nspname, t.typname), pg_catalog.concat_ws(' ', l.enumlabel, l.xmin)
              FROM pg_catalog.pg_enum l JOIN pg_catalog.pg_type t ON t.oid = l.enumtypid JOIN own n ON n.oid = t.typnamespace
             ORDER BY 3, 2
            """;

    private ChangedDefinitions() {}

    private record Found(String what, String definition) {}

    /**
     * Insists on that nothing was altered.
     *
     * @param snapshot in the attempt's snapshot
     * @param now in auto-commit mode
     * @throws BackupException MISMATCH, naming what was altered; passing, as the next attempt reads it all as it is now
     */
    public static void refuse(Connection snapshot, Connection now) throws SQLException {
        Map<String, Found> before = read(snapshot);
        Map<String, Found> after = read(now);
        List<String> altered = new ArrayList<>();
        before.forEach((oid, was) -> {
            Found is = after.get(oid);
            if (is != null && !is.definition().equals(was.definition())) {
                altered.add(was.what());
            }
        });
        if (!altered.isEmpty()) {
            throw new BackupException(
                    Problem.MISMATCH,
                    String.join(", ", altered.subList(0, Math.min(NAMED, altered.size())))
                            + (altered.size() > NAMED ? " and " + (altered.size() - NAMED) + " more" : "")
                            + (altered.size() == 1 ? " was" : " were")
                            + " altered while the backup was made: a part of it has the old definition, a part the new one",
                    "run the backup again, at a time when no definitions are changed.",
                    null,
                    true);
        }
    }

    private static Map<String, Found> read(Connection session) throws SQLException {
        Map<String, Found> found = new LinkedHashMap<>();
        Query.list(
                session,
                DEFINITIONS,
                row -> found.put(
                        row.getString(2), new Found(row.getString(1) + " " + row.getString(3), row.getString(4))));
        return found;
    }
}
