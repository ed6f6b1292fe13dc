-- Ids are random 63-bit numbers: they say nothing about how many families or members there are.
-- Times are kept with their zone; codes and tokens only as SHA-256 hashes.

create table family (
    id         bigint primary key,
    name       varchar(128) not null,
    created_at timestamp(3) with time zone not null
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

-- A position, or an end-to-end encrypted payload. stream_offset is its place in its family's stream.
create table location (
    family_id     bigint not null,
    stream_offset bigint not null,
    member_id     bigint not null references member (id) on delete cascade,
    device_id     bigint not null,
    client_id     varchar(64),
    measured_at   timestamp(3) with time zone not null,
    latitude      double precision,
    longitude     double precision,
    accuracy      double precision,
    altitude      double precision,
    speed         double precision,
    bearing       double precision,
    battery       double precision,
    charging      boolean,
    activity      varchar(64),
    payload_v     integer,
    payload_n     varchar(64),
    payload_c     varchar(4096),
    -- The one key that may conflict: "on conflict do nothing" must never swallow anything but a repetition.
    unique (member_id, client_id)
);
create index location_stream on location (family_id, stream_offset);
create index location_member_time on location (member_id, measured_at);
