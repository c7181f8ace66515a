package io.hyperkeep.config;

import io.hyperkeep.database.DatabaseAddress;
import io.hyperkeep.database.DatabaseSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the configuration file and checks everything in it. Thread-safe. */
public final class LoadConfiguration {
    static final Set<String> TOP = Set.of(
            "home",
            "metadata",
            "logging",
            "serve",
            "management",
            AroundBackup.NOTIFY,
            "databases",
            "repositories",
            "defaults",
            "plans");
    static final Set<String> METADATA = Set.of("url", "user", "password-file");
    static final Set<String> DATABASE = Set.of("uri", "password-file", "password-command", "client-tools");

    // these names become folders and parts of BACKUP arguments such as nightly/latest
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");

    private final Map<String, String> environment;
    private final ReadUri uris;

    /**
     * @param environment the process's environment
     * @param uris reads URIs of databases
     */
    public LoadConfiguration(Map<String, String> environment, ReadUri uris) {
        this.environment = Map.copyOf(environment);
        this.uris = uris;
    }

    /**
     * Reads the file of this location; without one, the defaults hold.
     *
     * @throws io.hyperkeep.problem.BackupException with every problem of the file and of HYPERKEEP_ variables
     */
    public Configuration load(ConfigLocation location) {
        ConfigProblems problems = new ConfigProblems();
        Path file = location.file();
        YamlSection top = file == null ? null : new ReadYaml(new Placeholders(environment)).read(file, problems);
        Configuration configuration = read(location, top, problems);
        if (problems.isEmpty() || top != null) {
            check(configuration, problems);
        }
        problems.throwIfAny();
        return configuration;
    }

    private Configuration read(ConfigLocation location, @Nullable YamlSection top, ConfigProblems problems) {
        Path file = location.file();
        Paths paths = file == null ? location.paths() : location.paths().from(file);
        List<EffectiveValue> general = new ArrayList<>();
        if (top == null) {
            Path home = home(null, location, paths, general, problems);
            MetadataSettings metadata = metadata(null, location.paths(), paths, general, problems);
            return new Configuration(
                    location,
                    home,
                    metadata,
                    logging(null, general, problems),
                    Map.of(),
                    Map.of(),
                    PlanLayer.environment(environment),
                    PlanLayer.EMPTY,
                    Map.of(),
                    AroundBackups.NOTHING,
                    serve(null, general, problems),
                    management(null, general, problems),
                    general);
        }
        top.allowOnly(TOP);
        Path home = home(top.text("home"), location, paths, general, problems);
        MetadataSettings metadata = metadata(top.section("metadata"), location.paths(), paths, general, problems);
        LoggingSettings logging = logging(top.section("logging"), general, problems);
        ServeSettings serve = serve(top.section("serve"), general, problems);
        ManagementSettings management = management(top.section("management"), general, problems);
        Map<String, ConfiguredDatabase> databases = new LinkedHashMap<>();
        sections(top, "databases").forEach((name, section) -> {
            ConfiguredDatabase database = database(name, section, paths, problems);
            if (database != null) {
                databases.put(name, database);
            }
        });
        YamlSection defaults = top.section("defaults");
        Map<String, PlanLayer> plans = new LinkedHashMap<>();
        Map<String, AroundBackup> aroundPlans = new LinkedHashMap<>();
        sections(top, "plans").forEach((name, section) -> {
            plans.put(name, PlanLayer.section(section));
            aroundPlans.put(name, AroundBackup.section(section));
        });
        AroundBackups around = new AroundBackups(
                new ReadReceivers(environment, paths, general, problems).run(sections(top, AroundBackup.NOTIFY)),
                defaults == null ? AroundBackup.NOTHING : AroundBackup.section(defaults),
                aroundPlans);
        around.check(problems);
        return new Configuration(
                location,
                home,
                metadata,
                logging,
                databases,
                repositories(top.section("repositories"), paths, problems),
                PlanLayer.environment(environment),
                defaults == null ? PlanLayer.EMPTY : PlanLayer.section(defaults),
                plans,
                around,
                serve,
                management,
                general);
    }

    private Path home(
            @Nullable Given inFile,
            ConfigLocation location,
            Paths paths,
            List<EffectiveValue> general,
            ConfigProblems problems) {
        String variable = environment.getOrDefault("HYPERKEEP_HOME", "");
        if (!variable.isEmpty()) {
            general.add(new EffectiveValue("home", location.home().toString(), "environment HYPERKEEP_HOME"));
            return location.home();
        }
        Path home = ResolveDatabase.path(inFile, paths, problems);
        if (home == null || inFile == null) {
            general.add(new EffectiveValue("home", location.home().toString(), "default"));
            return location.home();
        }
        general.add(new EffectiveValue("home", home.toString(), inFile.origins()));
        return home;
    }

    private MetadataSettings metadata(
            @Nullable YamlSection section,
            Paths ofEnvironment,
            Paths ofFile,
            List<EffectiveValue> general,
            ConfigProblems problems) {
        GeneralSection metadata = new GeneralSection("metadata", section, METADATA, environment, general, problems);
        Given url = metadata.text("url");
        Given user = metadata.text("user");
        Given file = metadata.text("password-file");
        if (url == null) {
            for (Given orphan : java.util.Arrays.asList(user, file)) {
                if (orphan != null) {
                    problems.add(orphan, "this is for a PostgreSQL database, so metadata.url is needed too");
                }
            }
            general.add(new EffectiveValue("metadata", "an H2 file in the home folder", "default"));
            return MetadataSettings.EMBEDDED;
        }
        if (!url.text().startsWith("jdbc:postgresql:")) {
            problems.add(url, "this is not a URL of the form jdbc:postgresql://host:port/database");
        } else if (Pattern.compile("[?&]password=|//[^/?@]*:[^/?@]*@")
                .matcher(url.text())
                .find()) {
            problems.add(url, "a password must not be part of the URL; give metadata.password-file");
        }
        return new MetadataSettings(
                url.text(),
                user == null ? null : user.text(),
                ResolveDatabase.path(file, file != null && file.file() == null ? ofEnvironment : ofFile, problems));
    }

    private LoggingSettings logging(
            @Nullable YamlSection section, List<EffectiveValue> general, ConfigProblems problems) {
        return ReadLogging.run(
                new GeneralSection("logging", section, ReadLogging.KEYS, environment, general, problems));
    }

    private ServeSettings serve(@Nullable YamlSection section, List<EffectiveValue> general, ConfigProblems problems) {
        return ReadServe.serve(new GeneralSection("serve", section, ReadServe.SERVE, environment, general, problems));
    }

    private ManagementSettings management(
            @Nullable YamlSection section, List<EffectiveValue> general, ConfigProblems problems) {
        return ReadServe.management(
                new GeneralSection("management", section, ReadServe.MANAGEMENT, environment, general, problems));
    }

    private Map<String, YamlSection> sections(YamlSection top, String key) {
        Map<String, YamlSection> sections = top.sections(key);
        YamlSection parent = top.section(key);
        sections.keySet().forEach(name -> checkName(name, java.util.Objects.requireNonNull(parent)));
        return sections;
    }

    private static void checkName(String name, YamlSection parent) {
        if (!NAME.matcher(name).matches()) {
            parent.badKey(
                    name, "a name has up to 63 letters, digits, '_', '.' and '-', and begins with a letter or digit");
        }
    }

    private @Nullable ConfiguredDatabase database(
            String name, YamlSection section, Paths paths, ConfigProblems problems) {
        section.allowOnly(DATABASE);
        Given uri = section.text("uri");
        Given passwordFile = section.text("password-file");
        Given passwordCommand = section.list("password-command");
        Given clientTools = section.text("client-tools");
        if (uri == null) {
            section.missing("uri");
        }
        DatabaseAddress address = uri == null ? null : uris.read(uri, problems);
        DatabaseSettings settings = new DatabaseSettings(
                name,
                // what is wrong is noted and ends the command; the place must be taken, or plans would seem wrong too
                address == null ? new DatabaseAddress("localhost", null, 5432, name, name, Map.of()) : address,
                ResolveDatabase.password(passwordFile, passwordCommand, paths, problems),
                ResolveDatabase.path(clientTools, paths, problems));
        Given known = uri == null ? Given.standard("uri", List.of("")) : uri;
        return new ConfiguredDatabase(settings, known, passwordFile, passwordCommand, clientTools);
    }

    private Map<String, ConfiguredRepository> repositories(
            @Nullable YamlSection section, Paths paths, ConfigProblems problems) {
        Map<String, ConfiguredRepository> repositories = new LinkedHashMap<>();
        if (section == null) {
            return repositories;
        }
        for (String name : section.keys()) {
            checkName(name, section);
            Given folder = section.text(name);
            Path path = ResolveDatabase.path(folder, paths, problems);
            if (folder != null && path != null) {
                repositories.put(name, new ConfiguredRepository(path, folder));
            } else if (folder == null) {
                section.badKey(name, "its folder is missing");
            }
        }
        return repositories;
    }

    /** Checks each place by itself too: a mistake that a stronger place hides today should not wait. */
    private void check(Configuration configuration, ConfigProblems problems) {
        ResolvePlan plans = new ResolvePlan(configuration, uris);
        configuration
                .plans()
                .forEach((name, plan) -> plans.check(name, List.of(plan, configuration.defaults()), problems));
        for (PlanLayer layer : List.of(configuration.environment(), configuration.defaults())) {
            PlanValues values = new PlanValues(List.of(layer), problems);
            values.plan(null, null, null);
            values.schedules("defaults");
            values.timeout();
        }
    }
}
