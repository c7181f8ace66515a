package io.hyperkeep.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists every value that is in force and where it comes from, secrets masked. Thread-safe. */
public final class EffectiveConfiguration {
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
                values.add(EffectiveValue.ofCommand(key + "password-command", command));
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
        values.addAll(configuration.around().effective(null));
        for (String name : configuration.plans().keySet()) {
            values.addAll(plans.effective(name));
            values.addAll(configuration.around().effective(name));
        }
        return List.copyOf(values);
    }

    private static void add(List<EffectiveValue> values, String key, @Nullable Given given) {
        if (given != null) {
            values.add(EffectiveValue.of(key, given));
        }
    }
}
