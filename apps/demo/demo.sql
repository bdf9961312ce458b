-- SPDX-License-Identifier: BSD-3-Clause
-- A small shop's year. All rows come from recursive queries over a generator of
-- numbers that is always the same, so the output is the same wherever it runs.

.mode column
.headers on

PRAGMA journal_mode = DELETE;

CREATE TABLE town(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, country TEXT);
CREATE TABLE customer(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  town_id INTEGER NOT NULL REFERENCES town(id),
  details TEXT CHECK (json_valid(details))
);
CREATE TABLE product(id INTEGER PRIMARY KEY, name TEXT, price_cents INTEGER CHECK (price_cents > 0));
CREATE TABLE sale(
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customer(id),
  product_id INTEGER NOT NULL REFERENCES product(id),
  day TEXT NOT NULL,
  pieces INTEGER NOT NULL
);
CREATE TABLE journal(what TEXT, n INTEGER);
CREATE TRIGGER sale_removed AFTER DELETE ON sale
BEGIN
  INSERT INTO journal VALUES ('removed sale of ' || old.pieces, old.id);
END;

BEGIN;
INSERT INTO town(name, country) VALUES
  ('Aachen', 'DE'), ('Brno', 'CZ'), ('Cork', 'IE'), ('Delft', 'NL'), ('Évora', 'PT'), ('Fez', 'MA');

INSERT INTO product(name, price_cents)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
SELECT printf('thing %02d', i), 95 + (i * 7919) % 4800 FROM n;

INSERT INTO customer(name, town_id, details)
WITH RECURSIVE n(i, r) AS (
  SELECT 1, 42
  UNION ALL
  SELECT i + 1, (r * 1103515245 + 12345) & 0x7fffffff FROM n WHERE i < 500
)
SELECT printf('customer %03d', i), 1 + (r >> 8) % 6,
  json_object('since', 1990 + (r >> 12) % 30,
    'tags', json_array(printf('t%d', (r >> 9) % 5), printf('t%d', (r >> 16) % 5)))
FROM n;

INSERT INTO sale(customer_id, product_id, day, pieces)
WITH RECURSIVE n(i, r) AS (
  SELECT 1, 7
  UNION ALL
  SELECT i + 1, (r * 1103515245 + 12345) & 0x7fffffff FROM n WHERE i < 20000
)
SELECT 1 + (r >> 7) % 500, 1 + (r >> 11) % 40,
  date('2023-01-01', ((r >> 5) % 365) || ' days'), 1 + (r >> 17) % 9
FROM n;
COMMIT;

CREATE INDEX sale_by_customer ON sale(customer_id, day);
CREATE INDEX sale_by_product ON sale(product_id);
CREATE VIEW turnover AS
  SELECT sale.*, pieces * price_cents AS cents, town.name AS town
  FROM sale JOIN product ON product.id = product_id
  JOIN customer ON customer.id = customer_id JOIN town ON town.id = town_id;

.print
.print == How the shop did in each town
SELECT town, count(*) AS sales, sum(pieces) AS pieces, printf('%,d', sum(cents)) AS cents,
  round(100.0 * sum(cents) / sum(sum(cents)) OVER (), 2) AS percent,
  rank() OVER (ORDER BY sum(cents) DESC) AS place
FROM turnover GROUP BY town ORDER BY place;

.print
.print == The months, with a running total and the change to the month before
WITH month(m, cents) AS (
  SELECT substr(day, 1, 7), sum(cents) FROM turnover GROUP BY 1
)
SELECT m AS month, cents, sum(cents) OVER (ORDER BY m) AS so_far,
  cents - lag(cents) OVER (ORDER BY m) AS change,
  CASE WHEN cents = max(cents) OVER () THEN 'best' ELSE '' END AS note
FROM month ORDER BY m;

.print
.print == The three best customers of two towns
SELECT * FROM (
  SELECT town, customer_id, sum(cents) AS cents,
    row_number() OVER (PARTITION BY town ORDER BY sum(cents) DESC, customer_id) AS place
  FROM turnover WHERE town IN ('Cork', 'Évora') GROUP BY town, customer_id
) WHERE place <= 3 ORDER BY town, place;

.print
.print == JSON: tags of the customers, from arrays
SELECT tag.value AS tag, count(*) AS customers, min(json_extract(details, '$.since')) AS first_year
FROM customer, json_each(details, '$.tags') AS tag GROUP BY tag.value ORDER BY tag.value;
SELECT json_group_object(country, json(names)) AS towns
FROM (SELECT country, json_group_array(name) AS names FROM town GROUP BY country ORDER BY country);

.print
.print == Text and numbers
SELECT upper(substr(name, 1, 3)) AS code, length(name) AS letters, hex(name) AS bytes,
  instr(name, 'e') AS e, replace(name, 'r', 'R') AS changed FROM town ORDER BY name;
SELECT round(sqrt(2), 9) AS root, round(pow(2, 0.5), 9) AS power, 7 % -3 AS rest, 1e3 / 7 AS seventh,
  typeof(9223372036854775807 + 1) AS overflow, date('2024-02-28', '+1 day') AS leap,
  strftime('%j', '2023-12-31') AS last_day;

.print
.print == Transactions: a savepoint taken back, a constraint that holds, a trigger
BEGIN;
DELETE FROM sale WHERE pieces = 9 AND product_id = 13;
SAVEPOINT here;
UPDATE product SET price_cents = price_cents * 2;
DELETE FROM sale WHERE id % 2 = 0;
SELECT count(*) AS sales_inside FROM sale;
ROLLBACK TO here;
COMMIT;
INSERT OR IGNORE INTO town(name) VALUES ('Brno');
SELECT count(*) AS sales_left, (SELECT count(*) FROM journal) AS removed,
  (SELECT sum(price_cents) FROM product) AS prices, (SELECT count(*) FROM town) AS towns FROM sale;

.print
.print == A recursive query draws
WITH RECURSIVE
  x(v) AS (VALUES (-2.0) UNION ALL SELECT v + 0.05 FROM x WHERE v < 1.2),
  y(v) AS (VALUES (-1.0) UNION ALL SELECT v + 0.1 FROM y WHERE v < 1.0),
  m(steps, cx, cy, a, b) AS (
    SELECT 0, x.v, y.v, 0.0, 0.0 FROM x, y
    UNION ALL
    SELECT steps + 1, cx, cy, a * a - b * b + cx, 2.0 * a * b + cy FROM m
    WHERE a * a + b * b < 4.0 AND steps < 28
  ),
  depth(steps, cx, cy) AS (SELECT max(steps), cx, cy FROM m GROUP BY cx, cy),
  line(t, cy) AS (
    SELECT group_concat(substr(' .+*#', 1 + min(steps / 7, 4), 1), ''), cy FROM depth GROUP BY cy
  )
SELECT rtrim(t) AS mandelbrot FROM line ORDER BY cy;

.print
.print == Order in the house
.mode list
ANALYZE;
VACUUM;
PRAGMA integrity_check;
PRAGMA foreign_key_check;
SELECT count(*), total(cents) FROM turnover;
SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name;
