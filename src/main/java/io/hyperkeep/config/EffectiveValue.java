package io.hyperkeep.config;

/**
 * A value that is in force, for people.
 *
 * @param key its full name: {@code plans.nightly.jobs}
 * @param value the value, secrets masked
 * @param origin where it comes from: a flag, a variable, a line of the file, or the defaults
 */
public record EffectiveValue(String key, String value, String origin) {
    static EffectiveValue of(String key, Given given) {
        return new EffectiveValue(key, given.text(), given.origins());
    }
}
