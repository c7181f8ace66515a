-- Texts that a dump, CSV or a shell can spoil.
SET client_min_messages = error;
CREATE SCHEMA vals;
SET search_path = vals, public;

CREATE TABLE nasty (id int PRIMARY KEY, t text);
INSERT INTO nasty (id, t) SELECT row_number() OVER (), t FROM (VALUES
  ('\.'), (NULL), (''), (' '), ('  leading'), ('trailing  '), ('"'), ('""'), ('a"b'), ('"quoted"'), (','), (',,'), ('a,b'),
  (E'\n'), (E'\n\n'), (E'a\nb'), (E'\r'), (E'\r\n'), (E'a\r\nb\r'), (E'\t'), ('\'), ('\\'), ('\n'), ('\N'), ('\."'), (E'\\.\n'), (E'\n\\.'),
  (E'a\n\\.\nb'), (E'a\n\\.\r\nb'), (E'a\n\\.'), (E'\\.\nb'), (E'x"\n\\.\n"y'), (E'\n\\.\n\\.\n'), ('NULL'), ('null'), (''''), ('$$'), ('--'), ('/*'), (';'),
  (E'\x01\x02\x1b\x7f'), ('Ünïcode'), (U&'e\0301'), (U&'\00E9'), (U&'\05D0\05D1'), (U&'\202E\200B'), (U&'\FEFF'), (U&'\0085\2028\2029'),
  (U&'\FFFD\FFFF'), (U&'\+01F600\+01F468\200D\+01F469'), (U&'\+02070E'), (U&'\+0E0001'), (U&'\+10FFFF'), ('{}'), ('(,)'), ('#'), ('\.')
  ) v(t);
-- more than psql reads at once, ended by what it takes for the end of the data
INSERT INTO nasty SELECT 1000 + n, repeat('x', n) || E'\n\\.\n' || repeat('y', n) FROM generate_series(8185, 8195) n;
CREATE TABLE one_column (t text);
INSERT INTO one_column SELECT t FROM nasty ORDER BY id;
CREATE TABLE only_dots (t text);
INSERT INTO only_dots SELECT '\.' FROM generate_series(1, 5);
CREATE TABLE only_nulls (t text);
INSERT INTO only_nulls SELECT NULL FROM generate_series(1, 5);
CREATE TABLE only_empty (t text);
INSERT INTO only_empty SELECT '' FROM generate_series(1, 5);
CREATE TABLE two_nulls (a text, b text);
INSERT INTO two_nulls VALUES (NULL, NULL), (NULL, ''), ('', NULL), ('', ''), ('\.', NULL), (NULL, '\.');
CREATE TABLE strings (t text, v varchar(2000), c char(9), n name, b "char", ci text COLLATE "C");
INSERT INTO strings SELECT t, left(t, 2000), left(t, 9), left(t, 20), left(t, 1)::"char", t FROM nasty;
CREATE TABLE every_character (id int, t text);
INSERT INTO every_character SELECT n, string_agg(chr(c), '')
  FROM generate_series(0, 1087) n, generate_series(n * 1024, n * 1024 + 1023) c
 WHERE c > 0 AND c NOT BETWEEN 55296 AND 57343 GROUP BY n;
