package io.hyperkeep.verify;

import io.hyperkeep.manifest.TableName;
import org.jspecify.annotations.Nullable;

/**
 * A definition as two servers, or one server at two times, have printed it: the texts differ, and may mean the same.
 *
 * @param sort what it defines
 * @param relation the table or view that it belongs to, by its name in the compared database; null when it belongs to
 *     none, and of an index also when only the server knows which one
 * @param name what it is called; of what has a schema of its own, qualified
 * @param backup the backup's text
 * @param now the database's text
 */
public record PrintedTwice(Sort sort, @Nullable TableName relation, TableName name, String backup, String now) {
    /** What a definition defines, and so how a server reads it. */
    public enum Sort {
        /** A value that is computed: a default, a generated column, a policy's condition, a publication's row filter. */
        EXPRESSION,
        /** What a view selects. */
        QUERY,
        CONSTRAINT,
        INDEX,
        TRIGGER,
        RULE,
        STATISTICS,
        PARTITION_KEY,
        /** A function or a procedure. */
        ROUTINE,
        /** A domain without its constraints. */
        DOMAIN,
        /** All constraints of a domain. */
        DOMAIN_CONSTRAINTS
    }
}
