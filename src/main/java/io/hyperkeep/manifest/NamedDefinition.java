package io.hyperkeep.manifest;

/**
 * Something that belongs to a table and that PostgreSQL can print: a constraint, an index, a trigger.
 *
 * @param name its name
 * @param definition what {@code pg_get_constraintdef}, {@code pg_get_indexdef} or {@code pg_get_triggerdef} print with
 *     an empty search path; equal text means an equal object, and so may other text: PostgreSQL prints many a definition
 *     otherwise once it has read its own text
 */
public record NamedDefinition(String name, String definition) {
    /**
     * How the name of an aggregate's index begins that is named after the materialization hypertable, whose number is
     * another one in every database.
     */
    public static final String MATERIALIZATION = "<materialization>";
}
