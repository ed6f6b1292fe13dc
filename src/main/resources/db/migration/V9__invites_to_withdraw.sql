-- Invitations can be listed and withdrawn, so they have ids; and they end with the device that they were made on. Of those
-- made before it is not known.
alter table invite add column id bigint;
update invite set id = cast(random() * 9007199254740991 as bigint);
alter table invite alter column id set not null;
alter table invite add constraint invite_id unique (id);
alter table invite add column made_at timestamp(3) with time zone;
alter table invite add column device_id bigint references device (id) on delete cascade;
create index invite_family on invite (family_id);
