package io.hyperkeep.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SelectEntriesTest {
    private static final TableName A = new TableName("s", "a");
    private static final TableName B = new TableName("s", "b");

    private static final List<SchemaEntry> ENTRIES = List.of(
            entry(1, "SCHEMA", "s", null),
            entry(2, "ACL", "SCHEMA s", null, 1),
            entry(3, "TYPE", "used", null, 1),
            entry(4, "COMMENT", "TYPE used", null, 3),
            entry(5, "TYPE", "unused", null, 1),
            entry(6, "TABLE", "a", A, 1, 3),
            entry(7, "TABLE", "b", B, 1),
            entry(8, "SEQUENCE", "b_id_seq", B, 7, 1),
            entry(9, "VIEW", "of_a", null, 6),
            entry(10, "VIEW", "of_both", null, 6, 7),
            entry(11, "ACL", "VIEW of_both", null, 10),
            entry(12, "FUNCTION", "trigger_function()", null, 1),
            entry(13, "INDEX", "a_index", A, 6),
            entry(14, "TRIGGER", "a_trigger", A, 6, 12),
            entry(15, "FK CONSTRAINT", "a_to_b", A, 6, 7),
            entry(16, "FK CONSTRAINT", "b_to_a", B, 7, 6),
            entry(17, "PUBLICATION", "pub", null),
            entry(18, "PUBLICATION TABLE", "pub a", A, 6, 17),
            entry(19, "EVENT TRIGGER", "audit", null, 12));

    @Test
    void everything_takes_all_of_it() {
        SelectEntries.Selected all = SelectEntries.run(ENTRIES, Set.of(A, B), true);
        assertThat(all.entries()).isEqualTo(ENTRIES);
        assertThat(all.leftOut()).isEmpty();
    }

    @Test
    void everything_but_a_table_loses_what_needs_it() {
        SelectEntries.Selected selected = SelectEntries.run(ENTRIES, Set.of(A), true);
        assertThat(selected.entries())
                .extracting(SchemaEntry::id)
                .containsExactly(1, 2, 3, 4, 5, 6, 9, 12, 13, 14, 17, 18, 19);
        assertThat(selected.leftOut())
                .extracting(leftOut -> leftOut.entry().label() + " for want of " + leftOut.missing())
                .containsExactly("VIEW s.of_both for want of s.b", "FK CONSTRAINT s.a_to_b for want of s.b");
    }

    @Test
    void a_list_takes_what_its_tables_need_and_no_more() {
        SelectEntries.Selected selected = SelectEntries.run(ENTRIES, Set.of(A), false);
        assertThat(selected.entries()).extracting(SchemaEntry::id).containsExactly(1, 2, 3, 4, 6, 12, 13, 14);
        assertThat(selected.leftOut())
                .extracting(leftOut -> leftOut.entry().label() + " for want of " + leftOut.missing())
                .containsExactly(
                        "VIEW s.of_a for want of null",
                        "VIEW s.of_both for want of s.b",
                        "FK CONSTRAINT s.a_to_b for want of s.b",
                        "PUBLICATION TABLE s.pub a for want of null");
    }

    @Test
    void a_table_that_can_not_be_alone_is_refused() {
        List<SchemaEntry> inherited = List.of(entry(1, "TABLE", "a", A), entry(2, "TABLE", "b", B, 1));
        BackupException refused =
                catchThrowableOfType(BackupException.class, () -> SelectEntries.run(inherited, Set.of(B), false));
        assertThat(refused.problem()).isEqualTo(Problem.UNSUITABLE);
        assertThat(refused.text())
                .isEqualTo("table s.b can not be without table s.a, which is not selected"
                        + "\nHINT: include both or exclude both.");
    }

    @Test
    void a_table_without_a_definition_is_no_silent_loss() {
        BackupException refused = catchThrowableOfType(
                BackupException.class, () -> SelectEntries.run(ENTRIES, Set.of(A, new TableName("s", "gone")), true));
        assertThat(refused.problem()).isEqualTo(Problem.MISMATCH);
        assertThat(refused.text())
                .isEqualTo(
                        "the schema dump has no definition that can be restored for [s.gone]"
                                + "\nHINT: see the warnings about objects that need TimescaleDB's internal tables; exclude these tables, or change them.");
    }

    private static SchemaEntry entry(int id, String type, String name, TableName table, Integer... needs) {
        return new SchemaEntry(id, type, "s", name, "o", Section.PRE_DATA, 0, 0, table, List.of(needs));
    }
}
