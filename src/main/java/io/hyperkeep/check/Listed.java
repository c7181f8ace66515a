package io.hyperkeep.check;

import java.util.List;
import java.util.stream.Collectors;

/** Names as a sentence has them: the first few, and how many more. */
final class Listed {
    private static final int MOST = 5;

    private Listed() {}

    static String names(List<?> names) {
        String first = names.stream().limit(MOST).map(String::valueOf).collect(Collectors.joining(", "));
        return names.size() <= MOST ? first : first + " and " + (names.size() - MOST) + " more";
    }

    /** {@code 1 table}, {@code 2 tables}. */
    static String count(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }
}
