package io.hyperkeep.export;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Splits one CSV row as PostgreSQL's COPY writes it. */
final class CsvRow {
    private CsvRow() {}

    /**
     * The first fields of a row.
     *
     * @param row one row with its line feed
     * @param count how many fields are wanted
     * @return that many values or fewer when the row is shorter; null for NULL, which is an empty field without quotes
     */
    static List<@Nullable String> fields(byte[] row, int count) {
        List<@Nullable String> fields = new ArrayList<>(count);
        int at = 0;
        while (fields.size() < count && at < row.length) {
            ByteArrayOutputStream field = new ByteArrayOutputStream();
            boolean quoted = row[at] == '"';
            boolean inside = quoted;
            if (quoted) {
                at++;
            }
            for (; at < row.length; at++) {
                byte b = row[at];
                if (inside && b == '"') {
                    if (at + 1 < row.length && row[at + 1] == '"') {
                        at++;
                    } else {
                        inside = false;
                        continue;
                    }
                } else if (!inside && (b == ',' || b == '\n')) {
                    break;
                }
                field.write(b);
            }
            at++;
            fields.add(!quoted && field.size() == 0 ? null : field.toString(StandardCharsets.UTF_8));
        }
        return fields;
    }
}
