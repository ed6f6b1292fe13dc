-- Apart from V5, so that who is interrupted here begins here again.
insert into track_of_family (member_id, epoch_hour, first_offset, last_offset, family_id, reports, pack)
    select member_id, epoch_hour, first_offset, last_offset, family_id, reports, pack from track;
drop table track;
alter table track_of_family rename to track;
create index track_stream on track (family_id, last_offset);
