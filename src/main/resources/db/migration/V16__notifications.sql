-- What members were told, for 30 days.
create table notification (
    seq       bigint generated always as identity primary key,
    id        bigint not null unique,
    member_id bigint not null references member (id) on delete cascade,
    kind      varchar(16) not null,
    -- What it is told for, such as one visit: nobody is told of that twice.
    event_key varchar(200) not null,
    title     varchar(128) not null,
    text      varchar(512) not null,
    about_id  bigint references member (id) on delete cascade,
    place_id  bigint,
    told_at   timestamp(3) with time zone not null,
    unique (member_id, event_key)
);
create index notification_told on notification (member_id, told_at);
create index notification_about on notification (about_id);

-- Where a member is told with the page closed.
create table notification_channel (
    id         bigint primary key,
    member_id  bigint not null references member (id) on delete cascade,
    -- Whose browser or app it is; it ends with that device. Null where it is nobody's device.
    device_id  bigint references device (id) on delete cascade,
    kind       varchar(16) not null,
    -- A push endpoint, a URL or an e-mail address: needed as it is.
    address    varchar(1024) not null,
    -- Of a browser: its public key and its secret (RFC 8291, 3.1 and 3.2).
    public_key bytea,
    auth       bytea,
    -- For ntfy, or null.
    token      varchar(256),
    created_at timestamp(3) with time zone not null,
    -- Of an e-mail address that is not confirmed yet: the hash of its code, and how often a wrong one was given.
    code_hash  bytea,
    wrong      integer not null,
    -- Until when it wants to be left alone, as it said (RFC 9110, 10.2.3), or null.
    rests_until timestamp(3) with time zone,
    -- When it last took something, and why it takes nothing now, in words for people, or null.
    sent_at    timestamp(3) with time zone,
    trouble    varchar(256)
);
create index notification_channel_member on notification_channel (member_id);
create index notification_channel_device on notification_channel (device_id);

-- What waits to be sent: written with the notification. It may outlive its channel for a moment: a reference would have a
-- channel that is removed right now undo what is told, and what caused it.
create table notification_delivery (
    channel_id       bigint not null,
    notification_seq bigint not null references notification (seq) on delete cascade,
    -- Before all that is not.
    urgent           boolean not null,
    -- When to try. Who moves it on may try it: no two servers do.
    due_at           timestamp(3) with time zone not null,
    attempts         integer not null,
    -- When it is too old to be worth telling.
    expires_at       timestamp(3) with time zone not null,
    primary key (channel_id, notification_seq)
);
create index notification_delivery_notification on notification_delivery (notification_seq);

-- The codes that were sent lately: nobody fills the letter boxes of strangers.
create table address_code (
    member_id    bigint not null,
    address_hash bytea not null,
    sent_at      timestamp(3) with time zone not null
);

-- The key pair by which push services know this server (RFC 8292), made once. It is in the store and not in a file beside
-- it: every subscription is bound to it, and a restored backup without it would tell nobody anything any more.
create table push_key (
    id          integer primary key,
    public_key  bytea not null,
    private_key bytea not null
);
