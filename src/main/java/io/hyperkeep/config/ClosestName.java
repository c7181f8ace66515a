package io.hyperkeep.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class ClosestName {
    private ClosestName() {}

    /** The known name with the fewest typing errors between, if there are few enough to believe it. */
    public static Optional<String> to(String written, Collection<String> known) {
        int most = Math.max(1, written.length() / 3);
        return known.stream()
                .filter(name -> distance(written, name) <= most)
                .min(Comparator.<String>comparingInt(name -> distance(written, name))
                        .thenComparing(name -> name));
    }

    /** {@code ; did you mean 'jobs'?}, or nothing. */
    public static String question(String written, Collection<String> known) {
        return to(written, known).map(name -> "; did you mean '" + name + "'?").orElse("");
    }

    /** The number of letters to insert, remove, replace or swap with their neighbour. */
    static int distance(String a, String b) {
        int[][] steps = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    steps[i][j] = i + j;
                    continue;
                }
                int replace = steps[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                steps[i][j] = Math.min(replace, 1 + Math.min(steps[i - 1][j], steps[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    steps[i][j] = Math.min(steps[i][j], steps[i - 2][j - 2] + 1);
                }
            }
        }
        return steps[a.length()][b.length()];
    }
}
