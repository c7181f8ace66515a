package io.hyperkeep.config;

import java.util.List;

/**
 * A value that is in force, for people.
 *
 * @param key its full name: {@code plans.nightly.jobs}
 * @param value the value, secrets masked
 * @param origin where it comes from: a flag, a variable, a line of the file, or the defaults
 */
public record EffectiveValue(String key, String value, String origin) {
    /** What stands for a secret. */
    static final String MASK = "***";

    static EffectiveValue of(String key, Given given) {
        return new EffectiveValue(key, given.text(), given.origins());
    }

    /** Of a command the program only: its arguments may hold tokens. */
    static EffectiveValue ofCommand(String key, Given command) {
        List<String> words = command.list()
                ? command.texts()
                : List.of(command.text().strip().split("\\s+"));
        // NAME=value before a program is an assignment of a shell, and may be the secret itself
        String program = words.get(0).indexOf('=') < 0 ? words.get(0) : MASK;
        return new EffectiveValue(key, words.size() == 1 ? program : program + " " + MASK, command.origins());
    }
}
