-- Circles with a name, and when members were in them. Distances in metres.
create table place (
    id         bigint primary key,
    family_id  bigint not null,
    created_by bigint not null,
    -- Seconds since 1970: by it, OwnTracks tells its waypoints apart.
    made_at    bigint not null,
    name       varchar(128) not null,
    latitude   double precision not null,
    longitude  double precision not null,
    radius     double precision not null,
    icon       varchar(16) not null,
    constraint place_once unique (created_by, made_at)
);
-- Before the foreign keys: without one of exactly their columns, H2 would make another.
create index place_family on place (family_id);
create index place_creator on place (created_by);
alter table place add constraint place_of_family
    foreign key (family_id) references family (id) on delete cascade;
alter table place add constraint place_of_creator
    foreign key (created_by) references member (id) on delete cascade;

-- What was shared out of OwnTracks is a place like others. Ids are random, and so never as low as these.
insert into place (id, family_id, created_by, made_at, name, latitude, longitude, radius, icon)
    select row_number() over (order by w.member_id, w.made_at), m.family_id, w.member_id, w.made_at, w.name,
        w.latitude, w.longitude, least(greatest(w.radius, 50), 50000), 'other'
    from waypoint w join member m on m.id = w.member_id;
drop table waypoint;

-- What the rule made of a member's positions; made anew where late ones change it.
create table visit (
    id         bigint primary key,
    member_id  bigint not null,
    place_id   bigint not null,
    -- Milliseconds since 1970, as measured; left_at is null while they are there.
    arrived_at bigint not null,
    left_at    bigint,
    constraint visit_once unique (member_id, arrived_at)
);
create index visit_member on visit (member_id);
create index visit_place on visit (place_id);
alter table visit add constraint visit_of_member
    foreign key (member_id) references member (id) on delete cascade;
alter table visit add constraint visit_of_place
    foreign key (place_id) references place (id) on delete cascade;

-- Counts the changes to a member's visits: who has read an earlier count must look again before changing any.
create table visit_version (
    member_id bigint primary key references member (id) on delete cascade,
    version   bigint not null
);
