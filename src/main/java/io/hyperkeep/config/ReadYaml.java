package io.hyperkeep.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a YAML file as a tree that knows its lines. Thread-safe. */
final class ReadYaml {
    private final Placeholders placeholders;

    ReadYaml(Placeholders placeholders) {
        this.placeholders = placeholders;
    }

    /** The file's top, or null when it is empty or can not be read, which is noted. */
    @Nullable
    YamlSection read(Path file, ConfigProblems problems) {
        LoaderOptions options = new LoaderOptions();
        options.setMergeOnCompose(true);
        try (Reader reader = Files.newBufferedReader(file)) {
            Node root = new Yaml(options).compose(reader);
            if (root instanceof MappingNode mapping) {
                return new YamlSection(file, "", mapping, placeholders, problems);
            }
            if (root != null) {
                problems.add(file, 1, "keys are expected here, such as `databases:`");
            }
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            problems.add(file, line, "this is not YAML: " + e.getProblem());
        } catch (NoSuchFileException e) {
            problems.add(file, 0, "there is no such file");
        } catch (YAMLException | IOException e) {
            problems.add(file, 0, "it can not be read: " + e);
        }
        return null;
    }
}
