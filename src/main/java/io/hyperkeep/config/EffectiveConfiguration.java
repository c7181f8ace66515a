package io.hyperkeep.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists every value that is in force and where it comes from, secrets masked. Thread-safe. */
public final class EffectiveConfiguration {
    private static final String MASK = "***";

    private final Configuration configuration;
    private final ResolvePlan plans;

    /**
     * @param configuration what is configured
     * @param uris reads URIs of databases
     */
    public EffectiveConfiguration(Configuration configuration, ReadUri uris) {
        this.configuration = configuration;
        this.plans = new ResolvePlan(configuration, uris);
    }

    /** In the order of the example file. */
    public List<EffectiveValue> values() {
        List<EffectiveValue> values = new ArrayList<>(configuration.general());
        configuration.databases().forEach((name, database) -> {
            String key = "databases." + name + ".";
            values.add(EffectiveValue.of(key + "uri", database.uri()));
            add(values, key + "password-file", database.passwordFile());
            Given command = database.passwordCommand();
            if (command != null) {
                values.add(new EffectiveValue(key + "password-command", masked(command), command.origins()));
            }
            add(values, key + "client-tools", database.clientTools());
        });
        configuration
                .repositories()
                .forEach((name, repository) -> values.add(new EffectiveValue(
                        "repositories." + name,
                        repository.folder().toString(),
                        repository.given().origins())));
        values.addAll(plans.effective(null));
        configuration.plans().keySet().forEach(name -> values.addAll(plans.effective(name)));
        return List.copyOf(values);
    }

    private static void add(List<EffectiveValue> values, String key, @Nullable Given given) {
        if (given != null) {
            values.add(EffectiveValue.of(key, given));
        }
    }

    /** The program only: its arguments may hold tokens. */
    private static String masked(Given command) {
        List<String> words = command.list()
                ? command.texts()
                : List.of(command.text().strip().split("\\s+"));
        // NAME=value before a program is an assignment of a shell, and may be the secret itself
        String program = words.get(0).indexOf('=') < 0 ? words.get(0) : MASK;
        return words.size() == 1 ? program : program + " " + MASK;
    }
}
