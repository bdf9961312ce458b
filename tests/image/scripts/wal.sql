-- SPDX-License-Identifier: BSD-3-Clause
-- A write-ahead log: shared memory between connections, checkpoints, reopening.
PRAGMA journal_mode = WAL;
CREATE TABLE event(id INTEGER PRIMARY KEY, at REAL, what TEXT);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO event(at, what) SELECT i * 0.25, printf('event %05d', i) FROM n;
COMMIT;
SELECT count(*), sum(id), round(avg(at), 3) FROM event;

-- A second connection to the same file sees what is committed, and only that.
ATTACH 'file:wal.db?mode=ro' AS other;
SELECT count(*) FROM other.event;
DETACH other;

PRAGMA wal_checkpoint(PASSIVE);
UPDATE event SET what = what || '!' WHERE id % 3 = 0;
BEGIN;
DELETE FROM event WHERE id > 5000;
ROLLBACK;
SELECT count(*), count(CASE WHEN what LIKE '%!' THEN 1 END) FROM event;

.open wal.db
PRAGMA journal_mode;
SELECT count(*), max(what) FROM event;
PRAGMA wal_checkpoint(TRUNCATE);
PRAGMA journal_mode = DELETE;
VACUUM;
PRAGMA integrity_check;
PRAGMA page_count;
