-- How often a unit was tried, 0 for one that was not begun.
ALTER TABLE RUN_UNIT ADD COLUMN TRIES INT DEFAULT 0 NOT NULL;
-- What a prune and a verification do one after the other, databases and backups, is of no table.
ALTER TABLE RUN_UNIT ALTER COLUMN SCHEMA_NAME DROP NOT NULL;
ALTER TABLE RUN_UNIT ALTER COLUMN TABLE_NAME DROP NOT NULL;
