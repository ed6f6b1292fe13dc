-- While one of the two is filed, the other one is written to: so the one is emptied at once, and no row is looked up.
create table journal_other (
    seq  bigint primary key,
    pack bytea not null
);
