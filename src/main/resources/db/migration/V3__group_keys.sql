-- The family's positions may be encrypted with a group key that only its devices know. What is kept here is public
-- keys, and the group key wrapped for each of them (libsodium's crypto_box).

-- Counts the group keys that the family has had; 0 while it had none.
alter table family add column key_version integer default 0 not null;
-- Whether the family lets this server make and wrap its group keys, so that the server can read its positions.
alter table family add column server_can_read boolean default false not null;
-- The group key that the server made; null in any other family.
alter table family add column group_key bytea;

create table member_key (
    member_id   bigint primary key references member (id) on delete cascade,
    public_key  bytea not null,
    -- Version of the group key that the member's device has, by the package or because it made the key; 0 for none.
    key_version integer default 0 not null,
    -- Nonce and crypto_box of the group key, and the public key of the device that wrapped it.
    package     bytea,
    wrapped_by  bytea
);
