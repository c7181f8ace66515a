package io.hyperkeep.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.verify.Finding;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What pg_restore lists, in the order in which it can be restored. */
class RestoreOrderTest {
    private static final List<String> PRE_DATA = List.of(
            ";     PreData",
            "2; 3079 16400 EXTENSION - timescaledb ",
            "3; 0 0 COMMENT - EXTENSION timescaledb ",
            "4; 3079 16401 EXTENSION - timescaledb_toolkit ",
            "5; 0 0 DATABASE PROPERTIES - db postgres",
            "6; 0 0 ACL - DATABASE db postgres",
            "7; 1259 20000 TABLE app metrics owner");
    private static final List<String> DATA = List.of(
            "30; 0 16500 TABLE DATA _timescaledb_catalog hypertable postgres",
            "31; 0 20000 TABLE DATA app metrics owner",
            "32; 0 20001 TABLE DATA TABLE DATA odd owner",
            "33; 0 0 SEQUENCE SET _timescaledb_catalog hypertable_id_seq postgres",
            "34; 0 0 SEQUENCE SET app s owner",
            "37; 0 20002 TABLE DATA app checked owner",
            "35; 0 16501 TABLE DATA _timescaledb_catalog chunk_column_stats postgres",
            "36; 0 0 STATISTICS DATA app metrics ");
    private static final List<String> POST_DATA = List.of(
            "40; 1259 20010 INDEX app metrics_at owner",
            "41; 2606 20011 FK CONSTRAINT app remark to_metrics owner",
            "42; 2606 20012 FK CONSTRAINT app metrics to_device owner",
            "43; 0 20013 MATERIALIZED VIEW DATA app filled owner",
            "44; 3466 20014 EVENT TRIGGER - watch owner",
            "45; 1259 20015 INDEX app metrics_clustered owner",
            "46; 0 0 STATISTICS DATA app metrics_at ",
            "47; 0 0 INDEX ATTACH app part_at owner");

    private final RestoreOrder order = RestoreOrder.of(
            new RestoreOrder.Sections(PRE_DATA, DATA, POST_DATA),
            new RestoreOrder.Special(Set.of(16500L, 16501L), Set.of(20002L), Set.of(20011L), Set.of(20015L)));

    @Test
    void timescales_rows_are_alone_and_what_reads_rows_is_last() {
        assertThat(numbers(order.preData())).containsExactly(3, 4, 7);
        assertThat(numbers(order.catalog())).containsExactly(30, 33);
        assertThat(numbers(order.unchecked())).containsExactly(35);
        assertThat(numbers(order.data())).containsExactly(31, 32, 34);
        assertThat(numbers(order.checked())).containsExactly(37);
        assertThat(numbers(order.postData())).containsExactly(40);
        assertThat(numbers(order.attached())).containsExactly(47);
        assertThat(numbers(order.keys())).containsExactly(42);
        assertThat(numbers(order.clustered())).containsExactly(45);
        assertThat(numbers(order.statistics())).containsExactly(36, 46);
        assertThat(numbers(order.views())).containsExactly(43);
        assertThat(numbers(order.late())).containsExactly(41, 44);
        assertThat(order.rows())
                .containsExactly(
                        new RestoreOrder.Rows(31, 20000),
                        new RestoreOrder.Rows(32, 20001),
                        new RestoreOrder.Rows(37, 20002));
    }

    private static List<Integer> numbers(List<String> entries) {
        return entries.stream()
                .map(entry -> Integer.valueOf(entry.substring(0, entry.indexOf(';'))))
                .toList();
    }

    @Test
    void an_entry_that_is_in_no_list_or_in_two_is_found() {
        List<String> archive = RestoreOrder.entries(
                Stream.of(PRE_DATA, DATA, POST_DATA).flatMap(List::stream).toList());
        List<String> listed = Stream.of(
                        order.preData(),
                        order.catalog(),
                        order.unchecked(),
                        order.data(),
                        order.checked(),
                        order.postData(),
                        order.clustered(),
                        order.attached(),
                        order.keys(),
                        order.views(),
                        order.late(),
                        order.statistics())
                .flatMap(List::stream)
                .toList();

        assertThat(CheckListing.differences(archive, listed)).isEmpty();
        assertThat(CheckListing.differences(archive, listed.subList(1, listed.size())))
                .extracting(Finding::toString)
                .containsExactly("dump/: has an entry that a restore would leave out: " + PRE_DATA.get(2));
        assertThat(CheckListing.differences(
                        archive,
                        Stream.concat(listed.stream(), Stream.of(DATA.get(1))).toList()))
                .extracting(Finding::toString)
                .containsExactly("restore/: names an entry that the archive does not have, or twice: " + DATA.get(1));
    }
}
