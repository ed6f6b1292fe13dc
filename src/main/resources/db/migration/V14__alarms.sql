-- Who raised an alarm about what, and when it was heard: for a day. Where they were is among their positions.
create table alarm (
    seq         bigint generated always as identity primary key,
    member_id   bigint not null references member (id) on delete cascade,
    about       varchar(64) not null,
    heard_at    timestamp(3) with time zone not null,
    -- Of the position that it came with; null where nobody knows one.
    measured_at timestamp(3) with time zone
);
create index alarm_member on alarm (member_id, heard_at);
