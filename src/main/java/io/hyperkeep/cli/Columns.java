package io.hyperkeep.cli;

import java.util.ArrayList;
import java.util.List;

/** A table of aligned columns; one whose heading ends with {@code >} is aligned to the right. Not thread-safe. */
final class Columns {
    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    Columns(String... headings) {
        this.headings = List.of(headings);
    }

    /** Adds a row with one cell for each heading. */
    Columns row(String... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + headings.size() + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    /** Headings and rows, a line each. */
    @Override
    public String toString() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(headings.stream().map(heading -> heading.replace(">", "")).toList());
        lines.addAll(rows);
        int[] widths = new int[headings.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(line.get(i)));
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder padded = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - width(line.get(i)));
                boolean right = headings.get(i).endsWith(">");
                padded.append(right ? padding + line.get(i) : line.get(i) + padding)
                        .append("  ");
            }
            text.append(padded.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
