package io.hyperkeep.cli;

import io.hyperkeep.config.EffectiveConfiguration;
import io.hyperkeep.config.EffectiveValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code config show}: every value in force and where it is from. */
@Command(name = "show", description = "Show every value that is in force and where it comes from; secrets are masked.")
final class ConfigShowCommand implements Callable<Integer> {
    private final Session session;

    ConfigShowCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<EffectiveValue> values = new ArrayList<>();
        values.add(file());
        values.addAll(new EffectiveConfiguration(session.configuration(), session.uris()).values());
        Columns table = new Columns("KEY", "VALUE", "FROM");
        List<Map<String, String>> documents = new ArrayList<>();
        for (EffectiveValue value : values) {
            table.row(value.key(), value.value(), value.origin());
            Map<String, String> document = new LinkedHashMap<>();
            document.put("key", value.key());
            document.put("value", value.value());
            document.put("origin", value.origin());
            documents.add(document);
        }
        session.results().print(Map.of("values", documents), table::toString);
        return 0;
    }

    private EffectiveValue file() {
        Path file = session.configuration().location().file();
        if (session.global().config != null) {
            return new EffectiveValue("config", String.valueOf(file), "flag --config");
        }
        boolean variable = !session.surroundings()
                .environment()
                .getOrDefault("HYPERKEEP_CONFIG", "")
                .isEmpty();
        return new EffectiveValue(
                "config",
                file == null ? "" : file.toString(),
                variable ? "environment HYPERKEEP_CONFIG" : file == null ? "no file" : "default");
    }
}
