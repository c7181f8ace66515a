-- Plans that have no good backup that is new enough, so that it is told once, whoever restarts meanwhile.
CREATE TABLE STALE_PLAN (
    PLAN_NAME VARCHAR(300) PRIMARY KEY,
    SINCE TIMESTAMP(6) WITH TIME ZONE NOT NULL
);
