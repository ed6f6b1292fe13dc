-- An app that reports positions and does nothing else: the token of such a device opens the doors for trackers alone.
-- Null for the devices that may do whatever their member may.
alter table device add column app varchar(16);

-- How such a device does. Written some seconds after it is heard.
create table tracker (
    device_id            bigint primary key references device (id) on delete cascade,
    -- Whether the family sees this too, and whether the app may be sent the family's places.
    shown_to_family      boolean not null,
    commands             boolean not null,
    silent_after_minutes integer not null,
    contact_at           timestamp(3) with time zone,
    -- When it will have been silent for too long.
    silent_at            timestamp(3) with time zone,
    first_position_at    timestamp(3) with time zone,
    last_position_at     timestamp(3) with time zone,
    -- 0 to 1.
    battery              double precision,
    charging             boolean,
    -- What was wrong with the last message that could not be understood, until one can be.
    trouble              varchar(256),
    trouble_at           timestamp(3) with time zone
);

-- Places that members share out of OwnTracks, told apart by when they were made there.
create table waypoint (
    member_id bigint not null references member (id) on delete cascade,
    made_at   bigint not null,
    name      varchar(128) not null,
    latitude  double precision not null,
    longitude double precision not null,
    -- In metres.
    radius    double precision not null,
    primary key (member_id, made_at)
);

-- Where a member has their positions sent to: a webhook of their Home Assistant. The address is its only secret, and is
-- needed as it is.
create table webhook (
    member_id bigint primary key references member (id) on delete cascade,
    url       varchar(512) not null,
    -- Why it does not work, in words for people, or null.
    trouble   varchar(256)
);
