-- Values that a dump, CSV or a shell can spoil, of every type that PostgreSQL has.
SET client_min_messages = error;
\ir texts.sql
SET search_path = vals, public;

-- numbers, times ------------------------------------------------------------------------------------------------------
CREATE TABLE numbers (s smallint, i integer, b bigint, n numeric, m numeric(1000, 500), neg numeric(2, -3), r real, d double precision, money money, o oid);
INSERT INTO numbers VALUES
  (-32768, -2147483648, -9223372036854775808, 'NaN', 1e499, 99000, '-0', '-0', '-92233720368547758.08', 0),
  (32767, 2147483647, 9223372036854775807, 'Infinity', -1e-499, NULL, '1e-45', '5e-324', '92233720368547758.07', 4294967295),
  (0, 0, 0, '-Infinity', 0, 0, 'NaN', 'NaN', '1.23', 1), (1, 1, 1, 0.1000, 1.50, 1000, 'Infinity', 'Infinity', NULL, NULL),
  (NULL, NULL, NULL, 1e131071, NULL, NULL, '-Infinity', '-Infinity', NULL, NULL), (NULL, NULL, NULL, 1e-16383, NULL, NULL, 1.1, 0.1, NULL, NULL),
  (NULL, NULL, NULL, -0.0, NULL, NULL, 3.4028235e38, 1.7976931348623157e308, NULL, NULL), (NULL, NULL, NULL, 1.000, NULL, NULL, 0.3, 0.30000000000000004, NULL, NULL);
CREATE TABLE times (d date, t time, tz timetz, ts timestamp, tstz timestamptz, ts0 timestamp(0), i interval, ym interval year to month);
INSERT INTO times VALUES
  ('-infinity', '00:00', '00:00+15:59', '-infinity', '-infinity', '-infinity', '1 year -2 mons 3 days -04:05:06.789', '1-2'),
  ('infinity', '24:00', '24:00-15:59', 'infinity', 'infinity', 'infinity', '-1 year +2 mons -3 days +00:00:00.000001', '-1-2'),
  ('4713-01-01 BC', '23:59:59.999999', '12:00:00.000001+05:45:30', '4713-01-01 00:00:00 BC', '4713-01-01 00:00:00+00 BC', '2026-01-01 00:00:01', '0', '0'),
  ('5874897-12-31', '12:34:56.789', '01:02:03-00', '294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999+00', NULL, '178000000 years', NULL),
  ('0001-01-01', NULL, NULL, '2026-03-29 02:30:00', '2026-03-29 02:30:00+02', NULL, '1 mon', NULL), ('0001-12-31 BC', NULL, NULL, '1582-10-10', '1900-01-01 00:00:00+00:19:32', NULL, '30 days', NULL);
\if :since17
INSERT INTO times (i) VALUES ('infinity'), ('-infinity');
\endif

-- composed types ------------------------------------------------------------------------------------------------------
CREATE TYPE mood AS ENUM ('sad', 'o,k', 'ha"ppy', '', 'Ü', E'new\nline', '\.');
CREATE DOMAIN positive AS numeric DEFAULT 1 CHECK (VALUE > 0);
CREATE DOMAIN "Posi tive" AS positive NOT NULL CONSTRAINT "less, than" CHECK (VALUE < 1000);
CREATE TYPE inner_row AS (a int, "b ""q""" text, m mood);
CREATE TYPE outer_row AS (i inner_row, list inner_row[], d positive);
CREATE TYPE floatrange AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE composed (id int, m mood, p positive, pp "Posi tive", r inner_row, o outer_row, a int[], aa text[], ma mood[], ra inner_row[], pa positive[], fr floatrange);
INSERT INTO composed VALUES
  (1, 'sad', 1, 1, ROW(1, E'a,b"c"\\d\n\\.\n', ''), ROW(ROW(1, '', 'Ü'), ARRAY[ROW(2, NULL, NULL)::inner_row, NULL], 5), '{}', '{}', '{}', '{}', '{}', 'empty'),
  (2, 'o,k', NULL, 2, ROW(NULL, NULL, NULL), NULL, '{1,NULL,3}', ARRAY['', NULL, 'NULL', 'null', 'a"b', 'a\b', E'a\nb', ' a ', '{}', ',', '\.'], '{"",NULL,"o,k"}', ARRAY[NULL]::inner_row[], '{1,NULL}', '[1.5,2.5)'),
  (3, '', 3, 3, ROW(1, '', 'sad'), ROW(NULL, NULL, NULL), '[0:1][-1:0]={{1,2},{3,4}}', '[5:6]={a,b}', NULL, NULL, NULL, '(,)'),
  (4, E'new\nline', 4, 4, NULL, ROW(NULL, '{}', 1), '{{{1}},{{2}}}', '{{"a,b","c"},{"d",NULL}}', NULL, ARRAY[ROW(1, E'"\n', 'ha"ppy')::inner_row], NULL, NULL),
  (5, '\.', 5, 5, ROW(5, '\.', '\.'), NULL, ARRAY[[NULL]]::int[], ARRAY[E'\\.\n'], NULL, NULL, NULL, NULL);
CREATE TABLE documents (id int, j json, jb jsonb, x xml);
INSERT INTO documents VALUES
  (1, E'{"a" :  1,\n "a":2 , "\\u00e9": null}', '{"a": 1e1000, "b": [1.10, {"c": "\u2028\"\\"}]}', '<a b="c">x &amp; y</a>'),
  (2, 'null', 'null', ''), (3, '""', '""', 'text only'), (4, '[]', '{}', E'<?xml version="1.0"?>\n<r>\n\\.\n</r>'), (5, NULL, NULL, NULL), (6, '1.50', '1.50', '<!-- c -->');
CREATE TABLE binaries (id int, b bytea, bit bit(5), vb varbit, u uuid);
INSERT INTO binaries SELECT n, decode(to_hex(n / 16) || to_hex(n % 16), 'hex'), n::bit(5), n::bit(8)::varbit, gen_random_uuid() FROM generate_series(0, 255) n;
INSERT INTO binaries VALUES (300, '', '00000', '', '00000000-0000-0000-0000-000000000000'), (301, NULL, NULL, NULL, NULL),
  (302, (SELECT string_agg(decode(to_hex(n / 16) || to_hex(n % 16), 'hex'), '' ORDER BY n) FROM generate_series(0, 255) n), B'11111', repeat('10', 500)::varbit, 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
  (303, '\x5c2e0a', NULL, NULL, NULL);
CREATE TABLE networks (i inet, c cidr, m macaddr, m8 macaddr8);
INSERT INTO networks VALUES ('10.1.2.3/8', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05'), ('::ffff:1.2.3.4', '2001:db8::/32', 'ff:ff:ff:ff:ff:ff', '08002b:0102030405'),
  ('0.0.0.0', '0.0.0.0/0', NULL, NULL), ('fe80::1/64', '::/0', NULL, NULL);
CREATE TABLE ranges (i int4range, b int8range, n numrange, t tsrange, tz tstzrange, d daterange, im int4multirange, tm tstzmultirange);
INSERT INTO ranges VALUES ('empty', '(,)', '[NaN,NaN]', '[-infinity,infinity]', '["2026-01-01 00:00:00+00",)', '[2026-01-01,infinity)', '{}', '{}'),
  ('[1,1]', '(,5]', '(0.10,0.20]', '(,"2026-01-01 10:00")', '(,)', 'empty', '{[1,2),[5,9)}', '{[2026-01-01,2026-01-02),(2026-02-01,)}'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE searches (v tsvector, q tsquery, lsn pg_lsn, snap pg_snapshot, tx xid8, t tid, jp jsonpath);
INSERT INTO searches VALUES ('''a''''b'':1A,2B ''c\\'' '' '':3', '''a b'' & !c | d:*A <2> e', 'FFFFFFFF/FFFFFFFF', '10:20:10,14,15', '18446744073709551615', '(4294967295,65535)', '$.a[*] ? (@ > 1 && @.b == "x\"y")'),
  ('', '', '0/0', NULL, '0', '(0,1)', 'strict $'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE shapes (p point, l line, s lseg, b box, pa path, po polygon, c circle);
INSERT INTO shapes VALUES ('(1.5,-0)', '{1,-1,0}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(0,0),5>'),
  ('(Infinity,NaN)', '{0,1,2}', NULL, '(Infinity,1),(0,0)', '((0,0),(1,1))', '((1e-300,1e300))', '<(0.1,0.2),0>'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE catalog_names (c regclass, p regprocedure, t regtype, r regrole, n regnamespace, o regoperator, cfg regconfig);
INSERT INTO catalog_names VALUES ('vals.nasty', 'lower(text)', 'vals.mood', 'pg_monitor', 'vals', '+(int,int)', 'english'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL);

-- sizes ---------------------------------------------------------------------------------------------------------------
SELECT 'CREATE TABLE widest (' || string_agg(format('%I int', 'Column ' || n), ', ') || ')' FROM generate_series(1, 1600) n \gexec
INSERT INTO widest ("Column 1", "Column 2", "Column 1600") VALUES (1, NULL, 1600), (NULL, NULL, NULL), (2, 3, 4);
SELECT 'INSERT INTO widest VALUES (' || string_agg(n::text, ', ') || ')' FROM generate_series(1, 1600) n \gexec
CREATE TABLE large (id int, t text, b bytea);
ALTER TABLE large ALTER t SET STORAGE EXTERNAL;
INSERT INTO large SELECT 1, repeat(E'a"b,c\n\\.\n', 3 * 1024 * 1024 + 512), decode(repeat('000a5c2e22ff', 20 * 1024 * 1024 / 6), 'hex');
INSERT INTO large VALUES (2, '', ''), (3, NULL, NULL);

\if :contrib
CREATE EXTENSION hstore WITH SCHEMA public;
CREATE EXTENSION citext WITH SCHEMA vals;
CREATE EXTENSION ltree WITH SCHEMA public;
CREATE TABLE contributed (h public.hstore, c vals.citext, l public.ltree, lq public.lquery, ha public.hstore[]);
INSERT INTO contributed VALUES ('"a\"b"=>NULL, "c,d"=>"x\"y\\z", ""=>""', 'CaSe', 'Top.Science', '*.a|b{1,2}', ARRAY['"a"=>"1"'::public.hstore, NULL]), ('', '', '', '*', '{}'), (NULL, NULL, NULL, NULL, NULL);
\endif
