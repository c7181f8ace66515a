package io.hyperkeep.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills in {@code ${NAME}} and {@code ${NAME:default}} from the environment; {@code $$} stands for one dollar sign. */
final class Placeholders {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\$|\\$\\{([^}:]*)(?::([^}]*))?\\}");

    private final Map<String, String> environment;

    Placeholders(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * The text with its placeholders replaced.
     *
     * @throws IllegalArgumentException when a variable is not set and has no default
     */
    String fill(String text) {
        return PLACEHOLDER
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group().equals("$$") ? "$" : value(found.group(1), found.group(2), text)));
    }

    private String value(String name, String otherwise, String text) {
        String value = environment.get(name);
        if (value != null) {
            return value;
        }
        if (otherwise == null) {
            throw new IllegalArgumentException("the environment variable " + name + " is not set");
        }
        return otherwise;
    }
}
