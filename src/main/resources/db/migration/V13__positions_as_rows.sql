-- Where members have been lately, one row for each position. What is older is moved into the packs of "track".
-- The journals are moved here by the server, which can read their packs, and stay empty from then on.
create table position (
    member_id   bigint not null,
    -- Milliseconds since 1970.
    measured_at bigint not null,
    -- The first 64 bits of the id's SHA-256; of a position without an id, its seq.
    id_key      bigint not null,
    family_id   bigint not null,
    device_id   bigint not null,
    -- Its place in the family's stream.
    seq         bigint not null,
    -- The sender's own.
    id          varchar,
    -- Degrees, metres, metres a second, degrees clockwise from north, 0 to 1. Null where the server cannot read it.
    latitude    double precision,
    longitude   double precision,
    accuracy    double precision,
    altitude    double precision,
    speed       double precision,
    bearing     double precision,
    battery     double precision,
    charging    boolean,
    activity    varchar,
    alarm       varchar,
    -- Of one that the server cannot read: what is encrypted, 1 or 2; nonce and ciphertext, base64url.
    encryption  integer,
    nonce       varchar,
    ciphertext  varchar,
    -- The time first: H2 writes whole pages, and what comes in together lies on the same ones.
    constraint position_once unique (measured_at, member_id, id_key)
);
-- Before the foreign key: without one of exactly its columns, H2 would make another.
create index position_member on position (member_id);
alter table position add constraint position_of_member
    foreign key (member_id) references member (id) on delete cascade;
