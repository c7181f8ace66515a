package io.hyperkeep.config;

import io.hyperkeep.database.PasswordSource;
import io.hyperkeep.notify.Event;
import io.hyperkeep.notify.ReceiverSettings;
import io.hyperkeep.notify.ReceiverSettings.Email.Security;
import io.hyperkeep.notify.Template;
import io.hyperkeep.secret.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code notify} of the file: who can be told. Not thread-safe. */
final class ReadReceivers {
    private static final Set<String> EVERY = Set.of("kind", "timeout");
    private static final Set<String> WEBHOOK = Set.of("on", "url", "url-file", "headers", "headers-file", "template");
    private static final Set<String> EMAIL =
            Set.of("on", "host", "port", "security", "user", "password-file", "password-command", "from", "to");
    private static final Set<String> PING =
            Set.of("url", "url-file", "start-suffix", "success-suffix", "failure-suffix");

    /** Every key that a receiver of some kind may have. */
    static final Set<String> KEYS = union(EVERY, union(WEBHOOK, union(EMAIL, PING)));

    private static final List<String> KINDS = List.of("webhook", "email", "ping");
    private static final List<String> SECURITY = List.of("starttls", "tls", "none");
    private static final String NOWHERE = "none";
    private static final Duration LEAST = Duration.ofMillis(100);
    private static final Duration MOST = Duration.ofMinutes(5);
    private static final Given NAMELESS = Given.standard("", List.of(""));

    private final Map<String, String> environment;
    private final Paths paths;
    private final List<EffectiveValue> shown;
    private final ConfigProblems problems;

    /**
     * @param environment what commands inherit that print secrets
     * @param paths resolves the file's relative paths
     * @param shown where values in force are noted, secrets masked
     * @param problems where problems are noted
     */
    ReadReceivers(Map<String, String> environment, Paths paths, List<EffectiveValue> shown, ConfigProblems problems) {
        this.environment = environment;
        this.paths = paths;
        this.shown = shown;
        this.problems = problems;
    }

    Map<String, ReceiverSettings> run(Map<String, YamlSection> sections) {
        Map<String, ReceiverSettings> receivers = new LinkedHashMap<>();
        sections.forEach((name, section) -> {
            ReceiverSettings receiver = receiver(name, section);
            if (receiver != null) {
                receivers.put(name, receiver);
            }
        });
        return receivers;
    }

    private @Nullable ReceiverSettings receiver(String name, YamlSection section) {
        Given kind = required(section, "kind");
        switch (kind.text()) {
            case "webhook" -> section.allowOnly(union(EVERY, WEBHOOK));
            case "email" -> section.allowOnly(union(EVERY, EMAIL));
            case "ping" -> section.allowOnly(union(EVERY, PING));
            default -> {
                if (kind != NAMELESS) {
                    read(section, "kind", "webhook", text -> PlanValues.one(text, KINDS));
                }
                return null;
            }
        }
        show(kind);
        Duration timeout = read(section, "timeout", "10s", text -> Quantity.duration(text, LEAST, MOST, "100ms to 5m"));
        return switch (kind.text()) {
            case "webhook" -> webhook(name, section, timeout);
            case "email" -> email(name, section, timeout);
            default -> ping(name, section, timeout);
        };
    }

    private ReceiverSettings webhook(String name, YamlSection section, Duration timeout) {
        Given headers = section.list("headers");
        Given headersFile = section.text("headers-file");
        Given template = section.text("template");
        if (headers != null) {
            if (headers.texts().stream().anyMatch(header -> header.indexOf(':') < 1)) {
                problems.add(headers, "a header is written as 'Name: value'");
            }
            shown.add(new EffectiveValue(headers.name(), maskedHeaders(headers), headers.origins()));
        }
        show(headersFile);
        if (template != null) {
            check(template);
            show(template);
        }
        return new ReceiverSettings.Webhook(
                name,
                timeout,
                on(section),
                url(section),
                headers == null
                        ? List.of()
                        : headers.texts().stream().map(Secret::of).toList(),
                ResolveDatabase.path(headersFile, paths, problems),
                template == null ? null : template.text());
    }

    private static String maskedHeaders(Given headers) {
        return String.join(
                ", ",
                headers.texts().stream()
                        .map(header ->
                                header.substring(0, Math.max(0, header.indexOf(':'))) + ": " + EffectiveValue.MASK)
                        .toList());
    }

    private void check(Given template) {
        Set<String> unknown = Template.unknownNames(template.text());
        for (String name : unknown) {
            problems.add(
                    template,
                    "there is nothing called {{" + name + "}}" + ClosestName.question(name, Template.NAMES)
                            + " It can be one of " + String.join(", ", new TreeSet<>(Template.NAMES)));
        }
        if (unknown.isEmpty() && !Template.isJson(template.text())) {
            problems.add(template, "this is not JSON; placeholders stand within strings: '{\"text\": \"{{text}}\"}'");
        }
    }

    private ReceiverSettings email(String name, YamlSection section, Duration timeout) {
        Given host = required(section, "host");
        show(host);
        Security security = read(
                section,
                "security",
                "starttls",
                text -> Security.valueOf(PlanValues.one(text, SECURITY).toUpperCase(Locale.ROOT)));
        String standardPort =
                switch (security) {
                    case STARTTLS -> "587";
                    case TLS -> "465";
                    case NONE -> "25";
                };
        int port = read(section, "port", standardPort, text -> Quantity.number(text, 1, 65_535));
        Given user = section.text("user");
        show(user);
        Given from = required(section, "from");
        show(from);
        Given to = section.list("to");
        if (to == null || to.texts().isEmpty()) {
            section.missing("to");
        }
        show(to);
        return new ReceiverSettings.Email(
                name,
                timeout,
                on(section),
                host.text(),
                port,
                security,
                user == null ? null : user.text(),
                password(section, user),
                from.text(),
                to == null ? List.of() : to.texts());
    }

    private @Nullable Secret password(YamlSection section, @Nullable Given user) {
        Given file = section.text("password-file");
        Given command = section.list("password-command");
        show(file);
        if (command != null) {
            shown.add(EffectiveValue.ofCommand(command.name(), command));
        }
        PasswordSource source = ResolveDatabase.password(file, command, paths, problems);
        boolean given = file != null || command != null;
        if (given && user == null) {
            problems.add(file != null ? file : command, "a password is for a user, so a user is needed too");
        } else if (!given && user != null) {
            problems.add(user, "a user logs in with a password; give password-file or password-command");
        }
        if (source.command() != null) {
            return Secret.printedBy("password", source.command(), environment);
        }
        return source.file() == null ? null : Secret.inFile("password", source.file());
    }

    private ReceiverSettings ping(String name, YamlSection section, Duration timeout) {
        return new ReceiverSettings.Ping(
                name,
                timeout,
                url(section),
                suffix(section, "start-suffix", "/start"),
                suffix(section, "success-suffix", ""),
                suffix(section, "failure-suffix", "/fail"));
    }

    private @Nullable String suffix(YamlSection section, String key, String standard) {
        String suffix = read(section, key, standard, text -> {
            if (!text.isEmpty() && !text.equals(NOWHERE) && !text.matches("[/?&#].*")) {
                throw new IllegalArgumentException(
                        "'" + text + "' is not the end of a URL such as /fail or ?status=down," + " nor none");
            }
            return text;
        });
        return suffix.equals(NOWHERE) ? null : suffix;
    }

    /** A URL may hold a token: only its host is shown, and nothing of one that can not be read. */
    private Secret url(YamlSection section) {
        Given url = section.text("url");
        Given file = section.text("url-file");
        if (url != null && file != null) {
            problems.add(file, "a URL comes from url or from url-file, not from both");
        } else if (url == null && file == null) {
            section.missing("url");
        }
        if (url != null) {
            String host = host(url.text());
            if (host == null) {
                problems.add(url, "this is not a URL of the form https://host/path");
            } else {
                shown.add(new EffectiveValue(url.name(), host + "/" + EffectiveValue.MASK, url.origins()));
            }
            return Secret.of(url.text());
        }
        show(file);
        Path path = ResolveDatabase.path(file, paths, problems);
        return path == null ? Secret.of("") : Secret.inFile("url", path);
    }

    private static @Nullable String host(String url) {
        try {
            URI uri = URI.create(url.strip());
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (!http || uri.getHost() == null || uri.getUserInfo() != null) {
                return null;
            }
            return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private Set<Event> on(YamlSection section) {
        Given inFile = section.list("on");
        Given on = inFile != null
                ? inFile
                : Given.standard(
                        section.path() + ".on",
                        Event.STANDARD.stream().sorted().map(Event::word).toList());
        show(on);
        Set<Event> events = EnumSet.noneOf(Event.class);
        for (String word : on.texts()) {
            try {
                events.add(Event.valueOf(PlanValues.one(word, Event.words()).toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                problems.add(on, String.valueOf(e.getMessage()));
            }
        }
        return events;
    }

    private static Given required(YamlSection section, String key) {
        Given given = section.text(key);
        if (given == null) {
            section.missing(key);
            return NAMELESS;
        }
        return given;
    }

    /** Reads a value; a bad one is noted and the built-in one read instead, so that checking goes on. */
    private <T> T read(YamlSection section, String key, String standard, Function<String, T> reader) {
        Given inFile = section.text(key);
        Given given = inFile != null ? inFile : Given.standard(section.path() + "." + key, List.of(standard));
        show(given);
        try {
            return reader.apply(given.text());
        } catch (IllegalArgumentException e) {
            problems.add(given, String.valueOf(e.getMessage()));
            return reader.apply(standard);
        }
    }

    private void show(@Nullable Given given) {
        if (given != null && given != NAMELESS) {
            shown.add(EffectiveValue.of(given.name(), given));
        }
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(others);
        return Set.copyOf(all);
    }
}
