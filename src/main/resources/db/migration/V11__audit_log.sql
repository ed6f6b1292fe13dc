-- What matters about who may what: ids and times, no names and no positions. Rows outlive what they are about, for a while.
create table audit_log (
    seq       bigint generated always as identity primary key,
    at        timestamp(3) with time zone not null,
    -- 0 where it is the whole server's business.
    family_id bigint not null,
    event     varchar(32) not null,
    member_id bigint,
    by_member bigint,
    device_id bigint,
    invite_id bigint,
    times     bigint
);
create index audit_log_family on audit_log (family_id, seq);
