package io.hyperkeep.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PendingRangesTest {
    private static final List<Slice> CHUNKS = List.of(chunk(100, 200), chunk(200, 300), chunk(500, 600));

    @Test
    void only_what_lies_in_chunks_is_kept_and_what_touches_is_one() {
        assertThat(within(new TimeRange(Long.MIN_VALUE, 149))).containsExactly(new TimeRange(100, 149));
        assertThat(within(new TimeRange(150, 550))).containsExactly(new TimeRange(150, 299), new TimeRange(500, 550));
        assertThat(within(new TimeRange(300, 499))).isEmpty();
        assertThat(within(new TimeRange(250, Long.MAX_VALUE)))
                .containsExactly(new TimeRange(250, 299), new TimeRange(500, 599));
        assertThat(within(new TimeRange(120, 130), new TimeRange(131, 140), new TimeRange(150, 150)))
                .containsExactly(new TimeRange(120, 140), new TimeRange(150, 150));
    }

    @Test
    void a_dropped_chunk_leaves_the_first_value_of_the_next_one_alone() {
        assertThat(within(new TimeRange(400, 500))).isEmpty();
        // a row at the very start of a chunk was changed
        assertThat(within(new TimeRange(500, 500))).containsExactly(new TimeRange(500, 500));
        // and rows on both sides of a border were
        assertThat(within(new TimeRange(150, 200))).containsExactly(new TimeRange(150, 200));
    }

    @Test
    void what_others_cover_is_cut_out() {
        assertThat(PendingRanges.without(
                        List.of(new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE)),
                        List.of(new TimeRange(0, 9), new TimeRange(20, Long.MAX_VALUE))))
                .containsExactly(new TimeRange(Long.MIN_VALUE, -1), new TimeRange(10, 19));
        assertThat(PendingRanges.without(List.of(new TimeRange(1, 2)), List.of(new TimeRange(0, 3))))
                .isEmpty();
    }

    @Test
    void several_ranges_cover_one_together() {
        assertThat(PendingRanges.without(
                        List.of(new TimeRange(100, 299)),
                        List.of(new TimeRange(90, 180), new TimeRange(150, 220), new TimeRange(221, Long.MAX_VALUE))))
                .isEmpty();
        assertThat(PendingRanges.without(
                        List.of(new TimeRange(100, 299)), List.of(new TimeRange(90, 180), new TimeRange(182, 400))))
                .containsExactly(new TimeRange(181, 181));
    }

    private static List<TimeRange> within(TimeRange... pending) {
        return PendingRanges.within(List.of(pending), CHUNKS);
    }

    private static Slice chunk(long start, long end) {
        return new Slice("t", start, end);
    }
}
