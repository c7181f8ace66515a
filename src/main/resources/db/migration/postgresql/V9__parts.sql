-- The run that this one does a part of: of a cluster's backup or restore, one database.
ALTER TABLE RUN ADD COLUMN PART_OF BIGINT;
