-- While one of the two is filed, the other one is written to, so that the one can be emptied as a whole.
create table journal_other (
    seq  bigint primary key,
    pack bytea not null
);
