-- From here on it is kept when a device was used last, and one that is not used is signed out. So far it was not kept.
update device set last_seen_at = current_timestamp;
-- A code may sign a member's new device in, where an invitation brings in a new member.
alter table invite add column for_member bigint references member (id) on delete cascade;
