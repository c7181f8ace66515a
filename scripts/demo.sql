-- The sample that `scripts/demo` backs up: a small monitoring database with hypertables of three shapes, plain tables
-- that refer to each other, and what hangs on tables.
CREATE EXTENSION timescaledb;
CREATE SCHEMA plant;
SET search_path = plant, public;

-- plain tables: an identity column, a foreign key, a comment, a trigger
CREATE TABLE site (
    id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name  text NOT NULL UNIQUE,
    notes text
);
INSERT INTO site (name, notes)
VALUES ('north', 'quoted "text", commas'), ('south', NULL), ('east', ''), ('west', E'two\nlines, and an umlaut: \u00fc');

CREATE TABLE device (
    id      integer PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    serial  text NOT NULL UNIQUE,
    changed timestamptz NOT NULL DEFAULT '2026-01-01 00:00+00'
);
COMMENT ON TABLE device IS 'what measures; one row for each serial number';
INSERT INTO device (id, site_id, serial) SELECT n, 1 + n % 4, 'SN-' || to_char(n, 'FM0000') FROM generate_series(1, 40) n;

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed := now();
    RETURN NEW;
END $$;
CREATE TRIGGER device_touch BEFORE UPDATE ON device FOR EACH ROW EXECUTE FUNCTION touch();

-- 1,036,800 rows in 30 chunks of a day
CREATE TABLE reading (
    time        timestamptz NOT NULL,
    device_id   integer NOT NULL,
    temperature double precision,
    pressure    numeric(8, 2),
    status      text
);
SELECT FROM create_hypertable('reading', 'time', chunk_time_interval => interval '1 day', create_default_indexes => false);
INSERT INTO reading
SELECT timestamptz '2026-01-01 00:00+00' + tick * interval '100 s',
       device,
       20 + 5 * sin(tick / 137.0) + device * 0.1,
       CASE WHEN (tick + device) % 50 <> 0 THEN 1000 + (tick * device) % 5000 / 100.0 END,
       CASE (tick * 7 + device) % 20 WHEN 0 THEN 'low battery' WHEN 1 THEN '' ELSE 'ok' END
  FROM generate_series(0, 30 * 864 - 1) tick, generate_series(1, 40) device;
CREATE INDEX reading_time ON reading (time DESC);
CREATE INDEX reading_device_time ON reading (device_id, time DESC);

-- chunks by time and by a hash of the device
CREATE TABLE event (
    time      timestamptz NOT NULL,
    device_id integer NOT NULL REFERENCES device,
    level     smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    details   jsonb
);
SELECT FROM create_hypertable('event', 'time', partitioning_column => 'device_id', number_partitions => 4,
                              chunk_time_interval => interval '7 days');
INSERT INTO event
SELECT timestamptz '2026-01-01 00:00+00' + n * interval '50 s', 1 + n % 40, n % 8, jsonb_build_object('code', n % 97)
  FROM generate_series(0, 49999) n;

-- chunks by a number
CREATE TABLE batch (
    number  bigint PRIMARY KEY,
    yield   real NOT NULL,
    percent numeric GENERATED ALWAYS AS (yield::numeric * 100) STORED
);
SELECT FROM create_hypertable('batch', 'number', chunk_time_interval => 5000);
CREATE FUNCTION newest_batch() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT max(number) FROM plant.batch';
SELECT FROM set_integer_now_func('batch', 'newest_batch');
INSERT INTO batch (number, yield) SELECT n, (n % 1000) / 1000.0 FROM generate_series(1, 20000) n;

CREATE VIEW alarm AS
SELECT e.time, d.serial, s.name AS site, e.level
  FROM event e JOIN device d ON d.id = e.device_id JOIN site s ON s.id = d.site_id
 WHERE e.level = 7;
CREATE MATERIALIZED VIEW daily AS
SELECT time_bucket('1 day', time) AS day, device_id, max(temperature) AS hottest, count(*) AS readings
  FROM reading GROUP BY 1, 2;
CREATE UNIQUE INDEX daily_day_device ON daily (day, device_id);
