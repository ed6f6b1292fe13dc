-- Which run of a server used the database last: one that lost its lock on it sees here whether there was another since.
alter table setup add column last_run bigint;
