package io.hyperkeep.schema;

import io.hyperkeep.schema.SchemaCatalog.FromChunk;
import java.util.List;
import java.util.stream.Collectors;

/** Makes a table that inherits from chunks one that has the same columns by itself. Pure functions. */
final class WithoutChunks {
    private static final String COLUMNS = " (\n";

    private static final String INHERITS = "\nINHERITS (";

    private WithoutChunks() {}

    /**
     * Rewrites what pg_dump wrote.
     *
     * @param body the table's definition, see {@link Latin}
     * @param parents chunks that it inherits from; none leaves the text as it is
     */
    static String definition(String body, List<FromChunk> parents) {
        String result = body;
        for (FromChunk parent : parents) {
            result = one(result, parent);
        }
        return result;
    }

    private static String one(String body, FromChunk parent) {
        int open = body.indexOf(COLUMNS) + COLUMNS.length();
        int inherits = body.indexOf(INHERITS, open);
        if (open < COLUMNS.length() || inherits < 0) {
            return body;
        }
        int close = body.lastIndexOf("\n)", inherits) + 1;
        int end = body.indexOf(")", inherits);
        String own = body.substring(open, close);
        String added = parent.columns().isEmpty()
                ? ""
                : Latin.bytes("    " + parent.columns()) + (own.isBlank() ? "\n" : ",\n");
        String chunk = Latin.bytes(parent.printed());
        String others = List.of(
                        body.substring(inherits + INHERITS.length(), end).split(", "))
                .stream()
                .filter(name -> !name.equals(chunk))
                .collect(Collectors.joining(", "));
        return body.substring(0, open)
                + added
                + own
                + body.substring(close, inherits)
                + (others.isEmpty() ? "" : INHERITS + others + ")")
                + body.substring(end + 1);
    }
}
