package io.hyperkeep.schema;

import io.hyperkeep.schema.SqlTokens.Token;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which columns a unique index or constraint is on; a pure function. */
public final class KeyColumns {
    private KeyColumns() {}

    /**
     * The columns, without those that are only included and without expressions.
     *
     * @param definition what {@code pg_get_constraintdef} or {@code pg_get_indexdef} print
     */
    public static Set<String> of(String definition) {
        List<Token> tokens = SqlTokens.of(definition);
        Set<String> columns = new HashSet<>();
        List<Token> element = new ArrayList<>();
        int depth = 0;
        for (Token token : tokens) {
            if (token.is("(")) {
                depth++;
            } else if (token.is(")") && --depth == 0) {
                add(element, columns);
                return columns;
            } else if (depth == 1 && token.is(",")) {
                add(element, columns);
                element.clear();
                continue;
            }
            if (depth > 0 && !(depth == 1 && token.is("(") && element.isEmpty())) {
                element.add(token);
            }
        }
        return columns;
    }

    private static void add(List<Token> element, Set<String> columns) {
        boolean called =
                element.size() > 1 && (element.get(1).is("(") || element.get(1).is("."));
        if (!element.isEmpty() && element.get(0).isName() && !called) {
            columns.add(element.get(0).text());
        }
    }
}
