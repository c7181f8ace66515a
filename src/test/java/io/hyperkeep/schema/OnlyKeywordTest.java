package io.hyperkeep.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.manifest.TableName;
import org.junit.jupiter.api.Test;

class OnlyKeywordTest {
    private static final TableName METRICS = new TableName("app", "metrics");

    @Test
    void goes_from_every_statement_on_the_hypertable() {
        assertThat(OnlyKeyword.remove("""
                ALTER TABLE ONLY app.metrics
                    ADD CONSTRAINT pk PRIMARY KEY (t);

                ALTER TABLE ONLY app.metrics REPLICA IDENTITY USING INDEX pk;
                """, METRICS)).isEqualTo("""
                ALTER TABLE app.metrics
                    ADD CONSTRAINT pk PRIMARY KEY (t);

                ALTER TABLE app.metrics REPLICA IDENTITY USING INDEX pk;
                """);
        assertThat(OnlyKeyword.remove(
                        "ALTER PUBLICATION \"a b\" ADD TABLE ONLY app.metrics (a) WHERE (true);\n", METRICS))
                .isEqualTo("ALTER PUBLICATION \"a b\" ADD TABLE app.metrics (a) WHERE (true);\n");
    }

    @Test
    void stays_for_other_tables_and_inside_of_texts() {
        for (String same : new String[] {
            "ALTER TABLE ONLY app.metrics2 ADD x;\n",
            "ALTER TABLE ONLY app.\"Metrics\" ADD x;\n",
            "ALTER TABLE ONLY \"app.metrics\" ADD x;\n",
            "ALTER PUBLICATION p ADD TABLE ONLY app.device;\n",
            "ALTER TABLE app.metrics ADD CHECK (x <> 'ALTER TABLE ONLY app.metrics');\n"
        }) {
            assertThat(OnlyKeyword.remove(same, METRICS)).isEqualTo(same);
        }
    }

    @Test
    void knows_the_hypertable_by_its_real_name() {
        TableName odd = new TableName("We\u00efrd", "a\".b\n");
        assertThat(OnlyKeyword.remove(Latin.bytes("ALTER TABLE ONLY \"We\u00efrd\".\"a\"\".b\n\"\n    ADD x;\n"), odd))
                .isEqualTo(Latin.bytes("ALTER TABLE \"We\u00efrd\".\"a\"\".b\n\"\n    ADD x;\n"));
    }
}
