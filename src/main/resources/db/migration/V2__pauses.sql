-- When members shared nothing: what they measured within is not taken in later either.
create table pause (
    member_id bigint not null references member (id) on delete cascade,
    began_at  timestamp(3) with time zone not null,
    -- Null until its member ends it.
    ends_at   timestamp(3) with time zone,
    primary key (member_id, began_at)
);
