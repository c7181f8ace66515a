-- What is needed to restart, stop and recover a run from another process.
-- The run that this one restarts; a run is restarted at most once, and then its restart is.
ALTER TABLE RUN ADD COLUMN RESTARTS BIGINT;
ALTER TABLE RUN ADD CONSTRAINT RUN_RESTARTED_ONCE UNIQUE (RESTARTS);
-- Of backups: the repository, and the folder that is a backup once it is sealed.
ALTER TABLE RUN ADD COLUMN REPOSITORY VARCHAR(4000);
ALTER TABLE RUN ADD COLUMN DRAFT VARCHAR(4000);
-- Whose process numbers PID is one of, and when that process began; null where the system does not tell.
ALTER TABLE RUN ADD COLUMN MACHINE VARCHAR(300);
ALTER TABLE RUN ADD COLUMN PROCESS_START BIGINT;
-- Beats of the heart so far: they tell a live run from a dead one without any clock.
ALTER TABLE RUN ADD COLUMN BEATS BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE RUN ADD COLUMN STOP_REQUESTED BOOLEAN DEFAULT FALSE NOT NULL;
