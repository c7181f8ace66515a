package io.hyperkeep.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.manifest.SchemaEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostDataStagesTest {
    @Test
    void what_needs_something_comes_in_a_later_stage() {
        PostDataStages stages = PostDataStages.of(
                List.of(
                        entry(1, "CONSTRAINT"),
                        entry(2, "INDEX", 99),
                        entry(3, "INDEX ATTACH", 1, 2),
                        entry(4, "FK CONSTRAINT", 1),
                        entry(5, "COMMENT", 1),
                        entry(6, "TRIGGER"),
                        entry(7, "INDEX", 6),
                        entry(8, "FK CONSTRAINT", 7),
                        entry(9, "INDEX", 4),
                        entry(10, "FK CONSTRAINT", 1),
                        entry(11, "COMMENT", 10)),
                entry -> entry.id() == 10);
        assertThat(stages.waves()).extracting(PostDataStagesTest::ids).containsExactly(List.of(1, 2), List.of(3));
        assertThat(ids(stages.foreignKeys())).containsExactly(4);
        assertThat(ids(stages.rest())).containsExactly(5, 6, 7, 8, 9);
        assertThat(ids(stages.late())).containsExactly(10, 11);
    }

    private static List<Integer> ids(List<SchemaEntry> entries) {
        return entries.stream().map(SchemaEntry::id).toList();
    }

    private static SchemaEntry entry(int id, String type, Integer... needs) {
        return new SchemaEntry(
                id, type, "app", "e" + id, "olga", SchemaEntry.Section.POST_DATA, 0, 0, null, List.of(needs));
    }
}
