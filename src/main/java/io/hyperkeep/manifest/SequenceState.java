package io.hyperkeep.manifest;

import org.jspecify.annotations.Nullable;

/**
 * A sequence and where it stood.
 *
 * @param sequence its name
 * @param ownedBy the table that owns it (serial and identity columns), or null
 * @param definition start, increment, bounds, cache and cycle, as one comparable text
 * @param lastValue the last value handed out, or the start value when none was
 * @param called whether {@code lastValue} was handed out
 */
public record SequenceState(
        TableName sequence, @Nullable TableName ownedBy, String definition, long lastValue, boolean called) {}
