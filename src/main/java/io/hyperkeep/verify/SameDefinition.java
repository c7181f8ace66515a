package io.hyperkeep.verify;

import io.hyperkeep.manifest.Column;
import java.util.Objects;

/**
 * When two definitions are the same although their text is not: rules for what servers of different versions print
 * differently. Each rule says which versions it is for; without one, text that differs is a difference.
 */
final class SameDefinition {
    private SameDefinition() {}

    /** Whether two texts of a constraint, an index or a trigger mean the same. */
    static boolean of(String expected, String found) {
        return expected.equals(found);
    }

    /** Whether two columns are the same. */
    static boolean of(Column expected, Column found) {
        return expected.type().equals(found.type())
                && expected.notNull() == found.notNull()
                && Objects.equals(expected.defaultExpression(), found.defaultExpression())
                && Objects.equals(expected.identity(), found.identity())
                && Objects.equals(expected.generated(), found.generated())
                && Objects.equals(expected.collation(), found.collation());
    }
}
