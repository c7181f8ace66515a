package io.hyperkeep.schema;

import io.hyperkeep.manifest.SchemaEntry;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tablespace that an entry of a schema file sets before its statements. Pure functions. */
public final class EntryTablespace {
    private static final Set<String> STORED = Set.of("TABLE", "MATERIALIZED VIEW", "INDEX", "CONSTRAINT");

    /** After the comment that each entry begins with, and nowhere else: what follows may be anything. */
    private static final Pattern SET =
            Pattern.compile("\\A((?:--[^\\n]*\\n|\\n)*)SET default_tablespace = ([^\\n]+);\\n\\n");

    private EntryTablespace() {}

    /**
     * Its name; null for the database's own.
     *
     * @param text the entry as {@link SchemaFile#entry} reads it
     */
    public static @Nullable String of(SchemaEntry entry, String text) {
        Matcher set = SET.matcher(text);
        return STORED.contains(entry.type()) && set.find() ? name(Latin.text(set.group(2))) : null;
    }

    /** The entry's text without a tablespace that is left out. */
    static String without(SchemaEntry entry, String text, Predicate<String> leftOut) {
        String tablespace = of(entry, text);
        return tablespace != null && leftOut.test(tablespace)
                ? SET.matcher(text).replaceFirst("$1")
                : text;
    }

    private static String name(String quoted) {
        return quoted.startsWith("\"")
                ? quoted.substring(1, quoted.length() - 1).replace("\"\"", "\"")
                : quoted;
    }
}
