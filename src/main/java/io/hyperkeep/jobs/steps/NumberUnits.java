package io.hyperkeep.jobs.steps;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Numbers what a run does one after the other. */
final class NumberUnits {
    private NumberUnits() {}

    /**
     * @param letter what the ids begin with
     * @return the things in their order, by ids that sort in the same order
     */
    static <T> Map<String, T> of(String letter, List<T> things) {
        Map<String, T> numbered = new LinkedHashMap<>();
        for (T thing : things) {
            numbered.put(String.format(Locale.ROOT, "%s%05d", letter, numbered.size() + 1), thing);
        }
        return Collections.unmodifiableMap(numbered);
    }
}
