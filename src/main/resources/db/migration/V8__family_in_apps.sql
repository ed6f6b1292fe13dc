-- Whether the family shows up inside the app of a tracker. So far it did in each that asked as OwnTracks does.
alter table tracker add column family_in_app boolean default false not null;
update tracker set family_in_app = true where device_id in (select id from device where app = 'owntracks');
-- Whether a member shows up inside the tracker apps of the others, with position and places.
alter table member add column shown_in_apps boolean default true not null;
