package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import java.util.Set;
import java.util.regex.Pattern;

/** Quotes names as PostgreSQL prints them in definitions: only where they need it. */
public final class Keywords {
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

    /** Those of PostgreSQL 17 and 18 that are quoted: all but the unreserved ones ({@code pg_get_keywords()}). */
    private static final Set<String> QUOTED = Set.of(("all analyse analyze and any array as asc asymmetric"
                    + " authorization between bigint binary bit boolean both case cast char character check coalesce"
                    + " collate collation column concurrently constraint create cross current_catalog current_date"
                    + " current_role current_schema current_time current_timestamp current_user dec decimal default"
                    + " deferrable desc distinct do else end except exists extract false fetch float for foreign freeze"
                    + " from full grant greatest group grouping having ilike in initially inner inout int integer"
                    + " intersect interval into is isnull join json json_array json_arrayagg json_exists json_object"
                    + " json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading least"
                    + " left like limit localtime localtimestamp merge_action national natural nchar none normalize not"
                    + " notnull null nullif numeric offset on only or order out outer overlaps overlay placing position"
                    + " precision primary real references returning right row select session_user setof similar smallint"
                    + " some substring symmetric system_user table tablesample then time timestamp to trailing treat trim"
                    + " true union unique user using values varchar variadic verbose when where window with xmlattributes"
                    + " xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize"
                    + " xmltable")
            .split(" "));

    private Keywords() {}

    /** The name, in double quotes if it would be read as something else without. */
    public static String quote(String name) {
        return PLAIN.matcher(name).matches() && !QUOTED.contains(name) ? name : Identifiers.quote(name);
    }
}
