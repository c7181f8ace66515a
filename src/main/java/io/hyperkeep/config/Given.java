package io.hyperkeep.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value as somebody gave it, and where.
 *
 * @param name what it is called there: {@code plans.nightly.jobs}, {@code HYPERKEEP_JOBS}, {@code --jobs}
 * @param texts the value; one element unless it is a list
 * @param list whether it was written as a list
 * @param origin the kind of place
 * @param file the configuration file, for {@link Origin#FILE} only
 * @param line its line there, from 1
 */
public record Given(
        String name,
        List<String> texts,
        boolean list,
        Origin origin,
        @Nullable Path file,
        int line) {
    public Given {
        texts = List.copyOf(texts);
    }

    /** The kinds of places, from the strongest. */
    public enum Origin {
        FLAG,
        ENVIRONMENT,
        FILE,
        DEFAULT
    }

    /** A value from the command line. */
    public static Given flag(String name, List<String> texts) {
        return new Given(name, texts, texts.size() != 1, Origin.FLAG, null, 0);
    }

    /** A value from the environment. */
    public static Given variable(String name, List<String> texts) {
        return new Given(name, texts, texts.size() != 1, Origin.ENVIRONMENT, null, 0);
    }

    /** A built-in value. */
    static Given standard(String name, List<String> texts) {
        return new Given(name, texts, texts.size() != 1, Origin.DEFAULT, null, 0);
    }

    /** The value as one text. */
    public String text() {
        return String.join(", ", texts);
    }

    /** For people: {@code flag --jobs}, {@code environment HYPERKEEP_JOBS}, {@code hyperkeep.yml:12}, {@code default}. */
    public String origins() {
        return switch (origin) {
            case FLAG -> "flag " + name;
            case ENVIRONMENT -> "environment " + name;
            case FILE -> file + ":" + line;
            case DEFAULT -> "default";
        };
    }

    /** How a problem with this value begins. */
    String place() {
        return origin == Origin.FILE ? file + ":" + line + ": " + name : name;
    }
}
