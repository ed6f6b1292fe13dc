-- A member keeps a colour, so that it does not move to somebody else when others come, and may choose an emoji.
alter table member add column colour integer default 0 not null;
update member set colour = (select mod(count(*), 10) from member other where other.family_id = member.family_id
    and (other.joined_at < member.joined_at or (other.joined_at = member.joined_at and other.id < member.id)));
alter table member add column emoji varchar(64);
