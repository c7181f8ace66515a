-- Hypertables of every sort of dimension, and whatever can be on them.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA public;
CREATE SCHEMA hyper;
CREATE SCHEMA "own Chunks";
SELECT E'We.ird/ Schéma "q" ''a'' $x$ \\\n2' AS odd_schema \gset
CREATE SCHEMA IF NOT EXISTS :"odd_schema";
SET search_path = hyper, public;
CREATE FUNCTION bucket_of(anyelement) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.hashtext($1::text) & 2147483647 $$;
CREATE FUNCTION time_of(jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT 'epoch'::timestamptz + ($1 ->> 't')::float8 * interval '1 s' $$;
CREATE FUNCTION int_now() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT 100000::bigint $$;
CREATE FUNCTION never_fires() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a restore must fire no trigger'; END $$;
CREATE TABLE device (id int PRIMARY KEY, name text);
INSERT INTO device SELECT n, 'device ' || n FROM generate_series(0, 9) n;

-- everything at once: a hash dimension, chunks of two widths, columns dropped and added between chunks
CREATE TABLE metrics (gone int, at timestamptz NOT NULL, device int NOT NULL REFERENCES device ON DELETE CASCADE, value float8, doomed text,
  note text COLLATE "C" DEFAULT 'n', seq bigint GENERATED ALWAYS AS IDENTITY, twice float8 GENERATED ALWAYS AS (value * 2) STORED, tags jsonb,
  CONSTRAINT sane CHECK (value > -1e9 OR value IS NULL), CONSTRAINT metrics_key PRIMARY KEY (at, device, seq));
ALTER TABLE metrics DROP gone;
SELECT create_hypertable('metrics', 'at', 'device', 2, chunk_time_interval => interval '7 days', create_default_indexes => false) \g /dev/null
INSERT INTO metrics (at, device, value, doomed, note, tags)
  SELECT '2026-01-01'::timestamptz + n * interval '2 hours', n % 10, CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' ELSE n * 1.1 END, 'd',
         CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'a,"b"\n\\.\nc' ELSE 'Ünïcode' END, jsonb_build_object('n', n) FROM generate_series(0, 299) n;
ALTER TABLE metrics DROP doomed;
ALTER TABLE metrics ADD fast int DEFAULT 7, ADD plain text;
SELECT set_chunk_time_interval('metrics', interval '1 day') \g /dev/null
INSERT INTO metrics (at, device, value, plain) SELECT '2026-03-01'::timestamptz + n * interval '5 hours', n % 10, n, E'\\.' FROM generate_series(0, 30) n;
INSERT INTO metrics (at, device) VALUES ('1969-12-31 23:59:59.999999+00', 1), ('0001-01-01 00:00:00+00 BC', 2), ('9999-12-31 00:00:00+00', 3);
ALTER TABLE metrics DROP note;
ALTER TABLE metrics ADD note int;
CREATE INDEX "by, device" ON metrics (device, at DESC) INCLUDE (value);
CREATE INDEX partial ON metrics (value) WHERE value > 5;
CREATE INDEX expression ON metrics ((tags ->> 'n'), (value + 1));
CREATE UNIQUE INDEX unique_one ON metrics (device, at, seq, fast);
CREATE INDEX gin ON metrics USING gin (tags);
CREATE STATISTICS of_metrics (dependencies) ON device, value FROM metrics;
CREATE TRIGGER never BEFORE INSERT ON metrics FOR EACH ROW EXECUTE FUNCTION never_fires();
CREATE TRIGGER never_statement AFTER INSERT OR DELETE ON metrics FOR EACH STATEMENT EXECUTE FUNCTION never_fires();
ALTER TABLE metrics ALTER tags SET STORAGE EXTERNAL, ALTER value SET STATISTICS 500, SET (autovacuum_vacuum_scale_factor = 0.05), REPLICA IDENTITY USING INDEX metrics_key;
COMMENT ON TABLE metrics IS E'a hypertable\'s\ncomment';
COMMENT ON COLUMN metrics.value IS 'value';
COMMENT ON CONSTRAINT sane ON metrics IS 'sane';
COMMENT ON INDEX partial IS 'partial';
GRANT SELECT ON metrics TO :"reader";
GRANT INSERT (at, device, value) ON metrics TO :"reader";

-- one range dimension of each type
CREATE TABLE of_int (t int NOT NULL, v text);
SELECT create_hypertable('of_int', by_range('t', 100)) \g /dev/null
INSERT INTO of_int SELECT n, 'v' || n FROM generate_series(-250, 250, 7) n;
INSERT INTO of_int VALUES (2147483647, 'last'), (-2147483648, 'first');
CREATE TABLE of_smallint (t smallint NOT NULL, v int);
SELECT create_hypertable('of_smallint', by_range('t', 1000)) \g /dev/null
INSERT INTO of_smallint SELECT n, n FROM generate_series(-32768, 32767, 997) n;
CREATE TABLE of_bigint (t bigint NOT NULL, id bigserial, v text);
SELECT create_hypertable('of_bigint', by_range('t', 10000)) \g /dev/null
SELECT set_integer_now_func('of_bigint', 'int_now') \g /dev/null
INSERT INTO of_bigint (t, v) SELECT n * 997, 'v' FROM generate_series(-50, 50) n;
INSERT INTO of_bigint (t) VALUES (9223372036854775807), (-9223372036854775807);
CREATE TABLE of_date (d date NOT NULL, v text);
SELECT create_hypertable('of_date', by_range('d', interval '10 days')) \g /dev/null
INSERT INTO of_date SELECT '2026-01-01'::date + n, 'v' FROM generate_series(-40, 40) n;
INSERT INTO of_date VALUES ('0044-03-15 BC', 'Idus');
CREATE TABLE of_timestamp (ts timestamp NOT NULL, v text);
SELECT create_hypertable('of_timestamp', by_range('ts', interval '1 month')) \g /dev/null
INSERT INTO of_timestamp SELECT '2026-01-01'::timestamp + n * interval '9 days', E'\\.' FROM generate_series(0, 30) n;
CREATE TABLE of_jsonb (doc jsonb NOT NULL, n int);
SELECT create_hypertable('of_jsonb', 'doc', chunk_time_interval => interval '1 day', time_partitioning_func => 'time_of', create_default_indexes => false) \g /dev/null
INSERT INTO of_jsonb SELECT jsonb_build_object('t', 1767225600 + n * 3600, 's', E'"\\.\n'), n FROM generate_series(0, 80) n;

-- chunks of its own schema and prefix, a hash function of its own, an exclusion constraint
CREATE TABLE logs (d date NOT NULL, host text NOT NULL, msg text, EXCLUDE USING btree (d WITH =, host WITH =));
SELECT create_hypertable('logs', 'd', 'host', 3, chunk_time_interval => interval '10 days', partitioning_func => 'bucket_of',
  associated_schema_name => 'own Chunks', associated_table_prefix => 'Lo gs') \g /dev/null
INSERT INTO logs SELECT '2026-01-01'::date + n, 'host' || n % 7, repeat('m', n % 30) FROM generate_series(0, 60) n;
-- the owner of a hypertable creates its chunks
GRANT CREATE, USAGE ON SCHEMA "own Chunks" TO :"owner";
GRANT USAGE ON SCHEMA hyper TO :"owner";
ALTER TABLE logs OWNER TO :"owner";

-- two range dimensions; a second dimension whose number of partitions changed, which leaves chunks of two partitionings
CREATE TABLE two_ranges (at timestamptz NOT NULL, cell int NOT NULL, v real);
SELECT create_hypertable('two_ranges', by_range('at', interval '1 week')) \g /dev/null
SELECT add_dimension('two_ranges', by_range('cell', 100)) \g /dev/null
INSERT INTO two_ranges SELECT '2026-01-01'::timestamptz + n * interval '3 hours', n % 250, n FROM generate_series(0, 199) n;
CREATE TABLE repartitioned (at timestamptz NOT NULL, k text NOT NULL, v int);
SELECT create_hypertable('repartitioned', 'at', 'k', 2, chunk_time_interval => interval '1 day') \g /dev/null
INSERT INTO repartitioned SELECT '2026-01-01'::timestamptz + n * interval '1 hour', 'k' || n % 13, n FROM generate_series(0, 50) n;
SELECT set_number_partitions('repartitioned', 5, 'k') \g /dev/null
INSERT INTO repartitioned SELECT '2026-01-10'::timestamptz + n * interval '1 hour', 'k' || n % 13, n FROM generate_series(0, 50) n;

-- empty ones
CREATE TABLE empty (at timestamptz NOT NULL, v int);
SELECT create_hypertable('empty', by_range('at', interval '3 days')) \g /dev/null
CREATE TABLE emptied (at timestamptz NOT NULL, v int);
SELECT create_hypertable('emptied', by_range('at', interval '1 day')) \g /dev/null
INSERT INTO emptied SELECT '2026-01-01'::timestamptz + n * interval '1 day', n FROM generate_series(0, 5) n;
DELETE FROM emptied;

-- a key to a hypertable
CREATE TABLE referenced (at timestamptz NOT NULL, k int NOT NULL, v int, PRIMARY KEY (at, k));
SELECT create_hypertable('referenced', by_range('at', interval '1 week')) \g /dev/null
INSERT INTO referenced SELECT '2026-01-01'::timestamptz + n * interval '6 hours', n % 5, n FROM generate_series(0, 99) n;
CREATE TABLE refers (id int PRIMARY KEY, at timestamptz, k int, CONSTRAINT to_hypertable FOREIGN KEY (at, k) REFERENCES referenced ON DELETE CASCADE);
-- TimescaleDB before 2.21 fails a few rows later with a generic plan
SET plan_cache_mode = force_custom_plan;
INSERT INTO refers SELECT v, at, k FROM referenced WHERE v < 30;
RESET plan_cache_mode;

-- names
SELECT E'Hy.per "t"\n''a\\ %s' AS odd \gset
CREATE TABLE :"odd_schema".:"odd" ("Ti me, ""t""" timestamp NOT NULL, "sp'ace" text NOT NULL, "user" name, n int GENERATED BY DEFAULT AS IDENTITY (START 5 INCREMENT 5));
SELECT create_hypertable(format('%I.%I', :'odd_schema', :'odd')::regclass, 'Ti me, "t"', 'sp''ace', 2, chunk_time_interval => interval '1 month') \g /dev/null
INSERT INTO :"odd_schema".:"odd" SELECT '2026-01-15'::timestamp + n * interval '3 days', E'x\n' || n, CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END FROM generate_series(0, 40) n;
ALTER TABLE :"odd_schema".:"odd" ADD CONSTRAINT "Uni, que" UNIQUE ("sp'ace", "Ti me, ""t""", n);

-- views
CREATE VIEW per_day AS SELECT public.time_bucket('1 day', at) AS day, device, avg(value) FROM metrics GROUP BY 1, 2;
CREATE MATERIALIZED VIEW per_device AS SELECT device, count(*) FROM metrics GROUP BY 1;
CREATE UNIQUE INDEX per_device_key ON per_device (device);
CREATE PUBLICATION of_hypertable FOR TABLE metrics;
