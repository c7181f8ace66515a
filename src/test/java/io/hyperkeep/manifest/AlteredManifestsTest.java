package io.hyperkeep.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.fixtures.AlteredManifests;
import io.hyperkeep.fixtures.AlteredManifests.Altered;
import io.hyperkeep.fixtures.AlteredManifests.How;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class AlteredManifestsTest {
    /** What may be null or missing: the format says so, or an earlier version did not write it. */
    private static final Set<String> OPTIONAL = Set.of(
            "plan",
            "source.locale",
            "source.tablespace",
            "source.timescale",
            "selection",
            "aggregates",
            "objects",
            "objects.schema",
            "objects.table",
            "objects.facets",
            "jobs",
            "jobs.check",
            "jobs.check.extension",
            "jobs.procedure.extension",
            "jobs.on",
            "jobs.name",
            "jobs.config",
            "jobs.schedule.initialStart",
            "jobs.schedule.timezone",
            "jobs.schedule.nextStart",
            "properties",
            "properties.comment",
            "properties.tablespace",
            "properties.grants",
            "properties.grants.grantee",
            "properties.settings.role",
            "dump",
            "cluster",
            "totals.reexported",
            "sequences.ownedBy",
            "schema.entries.schema",
            "schema.entries.owner",
            "schema.entries.table",
            "aggregates.watermark",
            "tables.columns.defaultExpression",
            "tables.columns.identity",
            "tables.columns.generated",
            "tables.columns.collation",
            "tables.hypertable",
            "tables.hypertable.columnstore",
            "tables.hypertable.tablespaces",
            "tables.hypertable.chunkSkipping",
            "tables.hypertable.directCompress",
            "tables.hypertable.chunkProperties",
            "tables.hypertable.dimensions.partitions",
            "tables.hypertable.dimensions.partitioningFunction",
            "tables.hypertable.dimensions.integerNow",
            "tables.hypertable.chunks.storage",
            "tables.units.schemaHash",
            "tables.units.relations.companionOid",
            "tables.units.relations.endBlock",
            "tables.units.relations.filenode",
            "dump.format",
            "dump.owners",
            "dump.relations",
            "dump.relations.entry",
            "dump.properties.comment",
            "dump.properties.tablespace",
            "dump.properties.grants",
            "dump.properties.grants.grantee",
            "dump.properties.settings.role",
            "cluster.databases.backup",
            "cluster.databases.snapshot",
            "cluster.databases.totals",
            "cluster.databases.totals.reexported",
            "cluster.databases.propertiesFile",
            "cluster.databases.failure",
            "cluster.databases.properties.comment",
            "cluster.databases.properties.tablespace",
            "cluster.databases.properties.grants",
            "cluster.databases.properties.grants.grantee",
            "cluster.databases.properties.settings.role");

    /** Numbers that mean something below zero too. */
    private static final Set<String> SIGNED = Set.of(
            "sequences.lastValue",
            "aggregates.watermark",
            "aggregates.pending.first",
            "aggregates.pending.last",
            "tables.hypertable.chunks.slices.start",
            "schema.entries.id",
            "jobs.id",
            "tables.units.relations.filenode");

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database", "cluster"})
    void what_is_altered_is_refused_by_its_field_or_allowed(String kind) throws IOException, UnreadableManifest {
        List<Altered> all = AlteredManifests.all(kind);
        assertThat(all).hasSizeGreaterThan(300);
        List<String> wrong = new ArrayList<>();
        for (Altered altered : all) {
            boolean lacking = altered.how() == How.REMOVED || altered.how() == How.NULL;
            boolean isKey = altered.field().matches(".*\\.(facets|reexported|relations)\\.[a-z_]+")
                    && altered.how() == How.REMOVED;
            try {
                read(altered.json());
                boolean allowed = isKey
                        || lacking && OPTIONAL.contains(altered.field())
                        || altered.how() == How.NEGATIVE && SIGNED.contains(altered.field())
                        || altered.how() == How.EMPTY
                        || altered.how() == How.ODD_TEXT;
                if (!allowed) {
                    wrong.add(altered + " was read");
                }
            } catch (UnreadableManifest e) {
                boolean byName = e.getMessage()
                        .contains(altered.path().replaceAll("\\..*", "").replace("[0]", ""));
                boolean shape = altered.how() == How.OTHER_TYPE || lacking && !OPTIONAL.contains(altered.field());
                if (shape
                                && !altered.field().equals("formatVersion")
                                && !e.getMessage().startsWith(altered.path() + " ")
                        || !byName
                                && !altered.field().equals("kind")
                                && !altered.field().equals("formatVersion")) {
                    wrong.add(altered + ": " + e.getMessage());
                }
            } catch (RuntimeException e) {
                wrong.add(altered + ": " + e);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(read(AlteredManifests.with(kind, manifest -> manifest.put("later", 1)))
                        .kind())
                .isEqualTo(kind);
    }

    @Test
    void texts_that_become_sql_or_paths_are_parsed() {
        Set<String> read = new TreeSet<>();
        for (String kind : List.of("tables", "database", "cluster")) {
            for (Altered altered : AlteredManifests.all(kind)) {
                if (altered.how() == How.ODD_TEXT) {
                    try {
                        read(altered.json());
                        read.add(
                                altered.field().replaceFirst("^(dump|cluster\\.databases)\\.properties", "properties"));
                    } catch (UnreadableManifest | IOException e) {
                        // as it should be
                    }
                }
            }
        }
        // names and values, which are quoted wherever they become SQL, and what is only compared or shown
        assertThat(read)
                .doesNotContain(
                        "kind",
                        "id",
                        "data.codec",
                        "data.copy",
                        "tables.units.file",
                        "tables.units.sha256",
                        "tables.columns.type",
                        "tables.indexes.definition",
                        "tables.hypertable.dimensions.columnType",
                        "aggregates.definition",
                        "sequences.definition",
                        "schema.files.file",
                        "dump.files.file",
                        "dump.relations.file",
                        "dump.tool",
                        "dump.format",
                        "cluster.databases.backup",
                        "cluster.databases.propertiesFile",
                        "cluster.files.file",
                        "cluster.tool",
                        "jobs.config",
                        "properties.grants.privilege",
                        "properties.settings.name",
                        "source.localeProvider",
                        "source.serverVersion",
                        "source.timescale.version",
                        "source.timescale.edition");
    }

    @Test
    void messages_name_the_field() {
        refused("tables", manifest -> manifest.putNull("kind"), "kind is null");
        refused(
                "tables",
                manifest -> manifest.put("kind", "rows"),
                "kind is 'rows', this version knows 'tables', 'database', 'cluster'");
        refused("tables", manifest -> manifest.put("kind", "database"), "dump is null in a backup of kind 'database'");
        refused("tables", manifest -> manifest.put("formatVersion", 0), "formatVersion is '0', not a number from 1 on");
        refused(
                "tables",
                manifest -> manifest.put("formatVersion", -1),
                "formatVersion is '-1', not a number from 1 on");
        refused("tables", manifest -> manifest.remove("source"), "source is missing");
        refused("tables", manifest -> manifest.put("run", "7"), "run is \"7\", not an integer");
        refused("tables", manifest -> manifest.put("run", 1.5), "run is 1.5, not an integer");
        refused(
                "tables",
                manifest -> ((ObjectNode) manifest.get("data")).put("codec", "lz4"),
                "data.codec is 'lz4', this version knows 'zstd', 'gzip', 'none'");
        refused(
                "tables",
                manifest -> ((ObjectNode) manifest.get("data")).put("copy", "FORMAT csv) FROM PROGRAM 'x' --"),
                "data.copy is 'FORMAT csv) FROM PROGRAM 'x' --', this version knows 'FORMAT csv, HEADER'");
        refused(
                "tables",
                manifest -> ((ObjectNode) manifest.at("/tables/0/name")).putNull("name"),
                "tables[0].name.name is null");
        refused(
                "tables",
                manifest -> ((ObjectNode) manifest.at("/tables/0/units/0")).put("file", "data/../../x"),
                "tables[0].units[0].file is 'data/../../x', not a path below the backup");
        refused(
                "tables",
                manifest -> ((ObjectNode) manifest.at("/sequences/0"))
                        .put("definition", "AS integer INCREMENT 1; DROP TABLE x"),
                "sequences[0].definition is 'AS integer INCREMENT 1; DROP TABLE x', not what a sequence is like");
        refused(
                "database",
                manifest -> ((ObjectNode) manifest.at("/dump/properties/grants/0")).put("privilege", "ALL"),
                "dump.properties.grants[0].privilege is 'ALL', this version knows 'CREATE', 'CONNECT', 'TEMPORARY'");
    }

    @Test
    void entries_that_need_one_another_are_refused() {
        assertThatThrownBy(() -> read(AlteredManifests.with("tables", manifest -> {
                    ArrayNode entries = (ArrayNode) manifest.at("/schema/entries");
                    int first = entries.get(0).get("id").intValue();
                    int second = entries.get(1).get("id").intValue();
                    ((ArrayNode) entries.get(0).get("needs")).add(second);
                    ((ArrayNode) entries.get(1).get("needs")).add(first);
                })))
                .isInstanceOf(UnreadableManifest.class)
                .hasMessageMatching("schema\\.entries need one another in a circle: \\d+ \\(.*\\), \\d+ \\(.*\\).*");
    }

    private static void refused(String kind, Consumer<ObjectNode> change, String message) {
        assertThatThrownBy(() -> read(AlteredManifests.with(kind, change)))
                .isInstanceOf(UnreadableManifest.class)
                .hasMessage(message);
    }

    private static Manifest read(String json) throws IOException, UnreadableManifest {
        return new ManifestJson().read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }
}
