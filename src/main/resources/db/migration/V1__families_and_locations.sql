-- Ids are random 63-bit numbers: they say nothing about how many families or members there are.
-- Times are kept with their zone; codes and tokens only as SHA-256 hashes.

create table family (
    id         bigint primary key,
    name       varchar(128) not null,
    created_at timestamp(3) with time zone not null,
    -- How long its positions are kept, 0 for only the last one of each member; null for as long as the server keeps any.
    history_hours bigint
);

-- A single row, locked while the first family is started, so that the setup code works once.
create table setup (
    id         integer primary key,
    started_at timestamp(3) with time zone
);
insert into setup (id) values (1);

create table member (
    id        bigint primary key,
    family_id bigint not null references family (id) on delete cascade,
    name      varchar(128) not null,
    role      varchar(16) not null,
    joined_at timestamp(3) with time zone not null
);
create index member_family on member (family_id);

create table device (
    id           bigint primary key,
    member_id    bigint not null references member (id) on delete cascade,
    token_hash   bytea not null unique,
    name         varchar(128) not null,
    created_at   timestamp(3) with time zone not null,
    last_seen_at timestamp(3) with time zone not null
);
create index device_member on device (member_id);

create table invite (
    code_hash  bytea primary key,
    family_id  bigint not null references family (id) on delete cascade,
    invited_by bigint not null references member (id) on delete cascade,
    expires_at timestamp(3) with time zone not null,
    used_at    timestamp(3) with time zone
);

-- What was taken in and acknowledged, and is not filed yet: a few thousand reports in each row, in their order.
create table journal (
    seq  bigint primary key,
    pack bytea not null
);

-- Where members have been: each row packs what one member measured within one hour, counted since 1970.
-- The offsets are those of the first and the last report in it, their places in the family's stream.
create table track (
    member_id    bigint not null references member (id) on delete cascade,
    epoch_hour   bigint not null,
    first_offset bigint not null,
    last_offset  bigint not null,
    family_id    bigint not null,
    reports      integer not null,
    pack         bytea not null,
    primary key (member_id, epoch_hour, first_offset)
);
create index track_stream on track (family_id, last_offset);
