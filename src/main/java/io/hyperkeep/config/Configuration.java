package io.hyperkeep.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration, read and checked; holds no secret.
 *
 * @param location where the file is, or was looked for
 * @param home the folder of hyperkeep's own files
 * @param metadata where runs are recorded
 * @param logging how log lines are written
 * @param databases by name, in the file's order
 * @param repositories by name, in the file's order
 * @param environment what HYPERKEEP_ variables say about backups
 * @param defaults what the file says about every plan
 * @param plans by name, in the file's order
 * @param around what is done around backups
 * @param serve how the daemon behaves
 * @param management where the daemon answers
 * @param general what is not about plans as given, for {@code config show}
 */
public record Configuration(
        ConfigLocation location,
        Path home,
        MetadataSettings metadata,
        LoggingSettings logging,
        Map<String, ConfiguredDatabase> databases,
        Map<String, ConfiguredRepository> repositories,
        PlanLayer environment,
        PlanLayer defaults,
        Map<String, PlanLayer> plans,
        AroundBackups around,
        ServeSettings serve,
        ManagementSettings management,
        List<EffectiveValue> general) {
    public Configuration {
        databases = ordered(databases);
        repositories = ordered(repositories);
        plans = ordered(plans);
        general = List.copyOf(general);
    }

    private static <T> Map<String, T> ordered(Map<String, T> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
