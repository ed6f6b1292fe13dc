-- Who wants to be told what about whom. Moments are milliseconds since 1970 by the server's clock.
create table alert (
    id        bigint primary key,
    -- Who is told.
    member_id bigint not null,
    -- About whom; null for anyone.
    about_id  bigint,
    kind      varchar(16) not null,
    -- Null for any.
    place_id  bigint,
    -- ISO days such as 135; hours as HH:mm. Null for always.
    days      varchar(7),
    from_time varchar(5),
    to_time   varchar(5),
    time_zone varchar(64),
    once      boolean not null
);
-- Before the foreign keys: without one of exactly their columns, H2 would make another.
create index alert_member on alert (member_id);
create index alert_about on alert (about_id);
create index alert_place on alert (place_id);
alter table alert add constraint alert_of_member
    foreign key (member_id) references member (id) on delete cascade;
alter table alert add constraint alert_about_member
    foreign key (about_id) references member (id) on delete cascade;
alter table alert add constraint alert_at_place
    foreign key (place_id) references place (id) on delete cascade;

-- Devices whose battery is low, of which was told.
create table battery_low (
    device_id bigint primary key references device (id) on delete cascade,
    since     bigint not null
);

-- Calls for help.
create table sos (
    id         bigint primary key,
    member_id  bigint not null,
    called_at  bigint not null,
    message    varchar(1024),
    -- Null while it goes on.
    ended_at   bigint
);
create index sos_member on sos (member_id);
alter table sos add constraint sos_of_member
    foreign key (member_id) references member (id) on delete cascade;
create table sos_acknowledged (
    sos_id    bigint not null,
    member_id bigint not null,
    at        bigint not null,
    primary key (sos_id, member_id)
);
create index sos_acknowledged_by on sos_acknowledged (member_id);
create index sos_acknowledged_sos on sos_acknowledged (sos_id);
alter table sos_acknowledged add constraint acknowledged_sos
    foreign key (sos_id) references sos (id) on delete cascade;
alter table sos_acknowledged add constraint acknowledged_by_member
    foreign key (member_id) references member (id) on delete cascade;
-- Who does not want to be told of calls for help.
create table sos_off (
    member_id bigint primary key references member (id) on delete cascade
);

-- Who wants to be back by when.
create table check_in (
    id        bigint primary key,
    member_id bigint not null,
    due_at    bigint not null,
    place_id  bigint
);
create index check_in_member on check_in (member_id);
create index check_in_place on check_in (place_id);
alter table check_in add constraint check_in_of_member
    foreign key (member_id) references member (id) on delete cascade;
alter table check_in add constraint check_in_at_place
    foreign key (place_id) references place (id) on delete cascade;

-- Who has asked whom where they are.
create table locate_request (
    to_id   bigint not null,
    from_id bigint not null,
    at      bigint not null,
    primary key (to_id, from_id)
);
create index locate_request_to on locate_request (to_id);
create index locate_request_from on locate_request (from_id);
alter table locate_request add constraint locate_to_member
    foreign key (to_id) references member (id) on delete cascade;
alter table locate_request add constraint locate_from_member
    foreign key (from_id) references member (id) on delete cascade;
