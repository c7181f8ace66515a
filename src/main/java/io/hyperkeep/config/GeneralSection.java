package io.hyperkeep.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A section of the file that is not about backups: each key's value is the environment's or the file's, and is noted for
 * {@code config show}. Not thread-safe.
 */
final class GeneralSection {
    private final String name;
    private final @Nullable YamlSection section;
    private final Map<String, String> environment;
    private final List<EffectiveValue> general;
    private final ConfigProblems problems;

    /**
     * @param name of the section
     * @param section null when the file has none
     * @param keys that it may have
     * @param environment the process's environment
     * @param general where values in force are noted
     * @param problems where problems are noted
     */
    GeneralSection(
            String name,
            @Nullable YamlSection section,
            Set<String> keys,
            Map<String, String> environment,
            List<EffectiveValue> general,
            ConfigProblems problems) {
        this.name = name;
        this.section = section;
        this.environment = environment;
        this.general = general;
        this.problems = problems;
        if (section != null) {
            section.allowOnly(keys);
        }
    }

    /** The value in force, or null when nobody says one. */
    @Nullable
    Given text(String key) {
        String variable = "HYPERKEEP_" + (name + "_" + key).replace('-', '_').toUpperCase(Locale.ROOT);
        String text = environment.getOrDefault(variable, "");
        Given value =
                !text.isEmpty() ? Given.variable(variable, List.of(text)) : section == null ? null : section.text(key);
        if (value != null) {
            general.add(EffectiveValue.of(name + "." + key, value));
        }
        return value;
    }

    /**
     * Reads the value in force, which is the built-in one when nobody says one; a bad one is noted and the built-in one
     * read instead, so that checking goes on.
     */
    <T> T read(String key, String standard, Function<String, T> reader) {
        Given given = text(key);
        if (given == null) {
            given = Given.standard(key, List.of(standard));
            general.add(EffectiveValue.of(name + "." + key, given));
        }
        try {
            return reader.apply(given.text());
        } catch (IllegalArgumentException e) {
            problems.add(given, String.valueOf(e.getMessage()));
            return reader.apply(standard);
        }
    }
}
