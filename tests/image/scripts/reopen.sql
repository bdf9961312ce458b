-- SPDX-License-Identifier: BSD-3-Clause
-- Files come, go and come back: reopening, a copy, an export and an import.
CREATE TABLE word(w TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID;
INSERT INTO word VALUES ('eft', 3), ('newt', 4), ('land', 4), ('water', 5);

.open two.db
SELECT count(*) FROM sqlite_master;
ATTACH 'one.db' AS one;
CREATE TABLE copy AS SELECT * FROM one.word WHERE n > 3;
SELECT w, n FROM copy ORDER BY w;
DETACH one;

.backup three.db
.open three.db
SELECT sum(n) FROM copy;

.mode csv
.output words.csv
SELECT w, n FROM copy ORDER BY n DESC, w;
.output stdout
.import words.csv imported
.mode list
SELECT * FROM imported;
.dump copy

.open one.db
SELECT group_concat(w, ' ') FROM word;
PRAGMA integrity_check;
