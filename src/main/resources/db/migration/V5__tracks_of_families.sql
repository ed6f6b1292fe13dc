-- Tracks are to be made anew, by V6. Their foreign key will be of two columns, because H2 makes an index for each: one of
-- the member alone it preferred to the primary key, and read all that a member had ever sent for each look at an hour.
alter table member add constraint member_of_family unique (family_id, id);
create table track_of_family (
    member_id    bigint not null,
    epoch_hour   bigint not null,
    first_offset bigint not null,
    last_offset  bigint not null,
    family_id    bigint not null,
    reports      integer not null,
    pack         bytea not null,
    primary key (member_id, epoch_hour, first_offset),
    foreign key (family_id, member_id) references member (family_id, id) on delete cascade
);
