-- Continuous aggregates of every sort; variables: owner, reader
SET TimeZone = 'UTC';
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO :"reader";
GRANT USAGE, CREATE ON SCHEMA app TO :"owner";

CREATE TABLE app.device (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO app.device SELECT n, 'device ' || n FROM generate_series(0, 4) n;
CREATE TABLE app.metrics (at timestamptz NOT NULL, device int NOT NULL, value float8);
SELECT create_hypertable('app.metrics', by_range('at', interval '1 day')) \g /dev/null
GRANT SELECT ON app.metrics, app.device TO :"owner";
INSERT INTO app.metrics
SELECT '2026-01-01'::timestamptz + n * interval '20 minutes', n % 5, n FROM generate_series(0, 72 * 60 - 1) n;

CREATE FUNCTION app.rounded(v float8) RETURNS float8 IMMUTABLE LANGUAGE sql AS 'SELECT round(v)::float8';
-- materialized only; three levels of hierarchy, the last of them months in a time zone
CREATE MATERIALIZED VIEW app.hourly WITH (timescaledb.continuous, timescaledb.materialized_only = true) AS
SELECT time_bucket('1 hour', at) AS hour, device, count(*) AS n, sum(app.rounded(value)) AS total, max(value) AS highest
  FROM app.metrics GROUP BY 1, 2 WITH NO DATA;
CREATE MATERIALIZED VIEW app.daily WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 day', hour, 'Europe/Berlin') AS day, device, sum(n) AS n, sum(total) AS total
  FROM app.hourly GROUP BY 1, 2 WITH NO DATA;
CREATE MATERIALIZED VIEW app.monthly WITH (timescaledb.continuous, timescaledb.create_group_indexes = false) AS
SELECT time_bucket('1 month', day, 'Europe/Berlin') AS month, sum(n) AS n FROM app.daily GROUP BY 1 WITH NO DATA;
-- real time, over a join
CREATE MATERIALIZED VIEW app.by_name WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 day', m.at) AS day, d.name, count(*) AS n, avg(m.value) AS mean
  FROM app.metrics m JOIN app.device d ON d.id = m.device GROUP BY 1, 2 WITH NO DATA;
-- never refreshed; a window function, which takes a setting
SET timescaledb.enable_cagg_window_functions = on;
CREATE MATERIALIZED VIEW app.unused WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 week', at) AS week, count(*) AS n, rank() OVER (PARTITION BY time_bucket('1 week', at)) AS place
  FROM app.metrics GROUP BY 1 WITH NO DATA;
RESET timescaledb.enable_cagg_window_functions;

-- times that are integers, negative ones too, and odd names
CREATE FUNCTION app.now_of_ticks() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT 100000::bigint';
CREATE TABLE app.events (t int NOT NULL, kind text, v int);
SELECT create_hypertable('app.events', by_range('t', 1000)) \g /dev/null
CREATE FUNCTION app.now_of_events() RETURNS int STABLE LANGUAGE sql AS 'SELECT 9000';
SELECT set_integer_now_func('app.events', 'app.now_of_events') \g /dev/null
INSERT INTO app.events SELECT n * 3 - 2000, 'k' || n % 3, n FROM generate_series(0, 3000) n;
CREATE SCHEMA "Odd ""Schema";
CREATE MATERIALIZED VIEW "Odd ""Schema"."It's \ an.aggregate" WITH (timescaledb.continuous) AS
SELECT time_bucket(100, t) AS "The ""bucket", kind AS "K d", sum(v) AS s FROM app.events WHERE v >= 0 GROUP BY 1, 2 WITH NO DATA;
SELECT set_chunk_time_interval('"Odd ""Schema"."It''s \ an.aggregate"', 5000) \g /dev/null
-- nothing of it is pending but what comes after its watermark
CREATE TABLE app.ticks (t bigint NOT NULL, v int);
SELECT create_hypertable('app.ticks', by_range('t', 10000)) \g /dev/null
SELECT set_integer_now_func('app.ticks', 'app.now_of_ticks') \g /dev/null
INSERT INTO app.ticks SELECT n * 100, n FROM generate_series(-20, 900) n;
CREATE MATERIALIZED VIEW app.thousands WITH (timescaledb.continuous) AS
SELECT time_bucket(1000, t) AS thousand, sum(v) AS s FROM app.ticks GROUP BY 1 WITH NO DATA;
CREATE TABLE app.days (day date NOT NULL, v int);
SELECT create_hypertable('app.days', by_range('day', interval '7 days')) \g /dev/null
INSERT INTO app.days SELECT '2026-01-01'::date + n % 90, n FROM generate_series(0, 899) n;
CREATE MATERIALIZED VIEW app.weekly WITH (timescaledb.continuous) AS
SELECT time_bucket('1 week', day) AS week, sum(v) AS s FROM app.days GROUP BY 1 WITH NO DATA;
CREATE TABLE app.local (at timestamp NOT NULL, v int);
SELECT create_hypertable('app.local', by_range('at', interval '1 day')) \g /dev/null
INSERT INTO app.local SELECT '2026-01-01'::timestamp + n * interval '1 hour', n FROM generate_series(0, 499) n;
CREATE MATERIALIZED VIEW app.shifted WITH (timescaledb.continuous) AS
SELECT time_bucket('12 hours', at, "offset" => interval '6 hours') AS half, count(*) AS n FROM app.local GROUP BY 1 WITH NO DATA;

CALL refresh_continuous_aggregate('app.hourly', NULL, '2026-02-20');
CALL refresh_continuous_aggregate('app.daily', NULL, '2026-02-15');
CALL refresh_continuous_aggregate('app.monthly', NULL, NULL);
CALL refresh_continuous_aggregate('app.by_name', '2026-01-10', '2026-02-10');
CALL refresh_continuous_aggregate('"Odd ""Schema"."It''s \ an.aggregate"', NULL, 6000);
CALL refresh_continuous_aggregate('app.thousands', NULL, NULL);
CALL refresh_continuous_aggregate('app.weekly', NULL, NULL);
CALL refresh_continuous_aggregate('app.shifted', NULL, '2026-01-15');

-- what is to be materialized again: late rows in the middle, changed ones in a last bucket, a whole range
INSERT INTO app.metrics VALUES ('2026-02-01 10:07', 1, 1000), ('2026-02-01 10:08', 2, 1000);
UPDATE app.metrics SET value = -1 WHERE at = '2026-02-09 12:00';
DELETE FROM app.events WHERE t BETWEEN 5950 AND 5960;
INSERT INTO app.days VALUES ('2026-02-11', 5000);
-- what only the aggregates have: raw rows dropped, of a lower aggregate too
SELECT drop_chunks('app.metrics', older_than => '2026-01-25'::timestamptz) \g /dev/null
SELECT drop_chunks('app.hourly', older_than => '2026-01-12'::timestamptz) \g /dev/null
SELECT drop_chunks('app.events', older_than => 0) \g /dev/null

CREATE INDEX of_hourly ON app.hourly (highest, device) WITH (fillfactor = 70);
-- compressed, one chunk partly: late rows came after
ALTER MATERIALIZED VIEW app.hourly SET (timescaledb.compress, timescaledb.compress_segmentby = 'device');
SELECT compress_chunk(c) FROM show_chunks('app.hourly', older_than => '2026-02-05'::timestamptz) c \g /dev/null
CALL refresh_continuous_aggregate('app.hourly', '2026-01-30', '2026-02-01');

CREATE INDEX ON app.daily (n);
ALTER MATERIALIZED VIEW app.hourly RENAME COLUMN highest TO peak;
ALTER MATERIALIZED VIEW app.hourly OWNER TO :"owner";
GRANT SELECT ON app.hourly TO :"reader";
GRANT SELECT (day, n) ON app.daily TO :"reader";
COMMENT ON VIEW app.hourly IS 'rows of an hour';
COMMENT ON COLUMN app.hourly.n IS 'how many';

-- what needs them
CREATE VIEW app.of_daily AS SELECT day, sum(n) AS n FROM app.daily GROUP BY day;
COMMENT ON VIEW app.of_daily IS 'needs an aggregate';
GRANT SELECT ON app.of_daily TO :"reader";
CREATE MATERIALIZED VIEW app.counted AS SELECT n, count(*) AS days FROM app.of_daily GROUP BY n;
CREATE INDEX of_counted ON app.counted (days);
CREATE FUNCTION app.first_hour() RETURNS app.hourly LANGUAGE sql STABLE
BEGIN ATOMIC SELECT * FROM app.hourly ORDER BY hour, device LIMIT 1; END;
CREATE TABLE app.kept (id int, row_of app.hourly);
INSERT INTO app.kept SELECT 1, h FROM app.hourly h ORDER BY hour, device LIMIT 1;
