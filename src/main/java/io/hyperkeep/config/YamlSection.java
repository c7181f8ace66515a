package io.hyperkeep.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** A mapping in the configuration file; whatever is not as expected is noted and read as absent. Not thread-safe. */
final class YamlSection {
    private final Path file;
    private final String path;
    private final int line;
    private final Placeholders placeholders;
    private final ConfigProblems problems;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();

    YamlSection(Path file, String path, MappingNode node, Placeholders placeholders, ConfigProblems problems) {
        this.file = file;
        this.path = path;
        this.line = lineOf(node);
        this.placeholders = placeholders;
        this.problems = problems;
        for (NodeTuple entry : node.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                problems.add(file, lineOf(entry.getKeyNode()), named(path, "a key must be a plain text"));
            } else if (entries.putIfAbsent(key.getValue(), entry) != null) {
                problems.add(file, lineOf(key), below(key.getValue()) + ": this key is given twice");
            }
        }
    }

    /** Keys joined by dots from the top; empty for the top itself. */
    String path() {
        return path;
    }

    /** Notes every key that is not one of these. */
    void allowOnly(Set<String> known) {
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                problems.add(
                        file,
                        lineOf(entry.getKeyNode()),
                        below(key) + ": there is no such key" + ClosestName.question(key, known));
            }
        });
    }

    /** A single value, or null when it is absent. */
    @Nullable
    Given text(String key) {
        Node node = value(key);
        if (node == null) {
            return null;
        }
        if (!(node instanceof ScalarNode scalar)) {
            problems.add(file, lineOf(node), below(key) + ": one value is expected here, not a list or further keys");
            return null;
        }
        return given(key, scalar, List.of(scalar), false);
    }

    /** A list, or a single value as a list of one; null when it is absent. */
    @Nullable
    Given list(String key) {
        Node node = value(key);
        if (node == null) {
            return null;
        }
        if (node instanceof ScalarNode scalar) {
            return given(key, scalar, List.of(scalar), false);
        }
        List<ScalarNode> items = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            sequence.getValue().stream()
                    .filter(ScalarNode.class::isInstance)
                    .map(ScalarNode.class::cast)
                    .forEach(items::add);
            if (items.size() == sequence.getValue().size()) {
                return given(key, node, items, true);
            }
        }
        problems.add(file, lineOf(node), below(key) + ": a list of texts is expected here");
        return null;
    }

    /** The keys below a key; null when it is absent. */
    @Nullable
    YamlSection section(String key) {
        Node node = value(key);
        if (node == null) {
            return null;
        }
        if (node instanceof MappingNode mapping) {
            return new YamlSection(file, below(key), mapping, placeholders, problems);
        }
        problems.add(file, lineOf(node), below(key) + ": further keys are expected here, not a value");
        return null;
    }

    /** The sections below a key whose names the operator chose. */
    Map<String, YamlSection> sections(String key) {
        Map<String, YamlSection> sections = new LinkedHashMap<>();
        YamlSection parent = section(key);
        if (parent != null) {
            for (String name : parent.entries.keySet()) {
                YamlSection section = parent.section(name);
                if (section != null) {
                    sections.put(name, section);
                } else if (parent.value(name) == null) {
                    problems.add(file, parent.lineOfKey(name), parent.below(name) + ": nothing is said about it");
                }
            }
        }
        return sections;
    }

    /** The keys in the file's order. */
    List<String> keys() {
        return List.copyOf(entries.keySet());
    }

    /** Notes a key that has to be there and is not. */
    void missing(String key) {
        problems.add(file, line, below(key) + ": this key is missing");
    }

    /** Notes a problem with a key's own name. */
    void badKey(String key, String text) {
        problems.add(file, lineOfKey(key), below(key) + ": " + text);
    }

    private int lineOfKey(String key) {
        NodeTuple entry = entries.get(key);
        return entry == null ? line : lineOf(entry.getKeyNode());
    }

    private @Nullable Given given(String key, Node node, List<ScalarNode> items, boolean list) {
        List<String> texts = new ArrayList<>();
        for (ScalarNode item : items) {
            try {
                texts.add(placeholders.fill(item.getValue()));
            } catch (IllegalArgumentException e) {
                problems.add(file, lineOf(item), below(key) + ": " + e.getMessage());
                return null;
            }
        }
        return new Given(below(key), texts, list, Given.Origin.FILE, file, lineOf(node));
    }

    private @Nullable Node value(String key) {
        NodeTuple entry = entries.get(key);
        // "key:" with nothing after it is how people leave a key out
        return entry == null || Tag.NULL.equals(entry.getValueNode().getTag()) ? null : entry.getValueNode();
    }

    private String below(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String named(String path, String text) {
        return path.isEmpty() ? text : path + ": " + text;
    }

    private static int lineOf(Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
