-- Closes or opens a stream to a member, unless a later event has said something else.
--
-- ARGV[4]  "m:<member>"
-- ARGV[5]  until when, in milliseconds; 0 for ever, -1 to open
-- ARGV[6]  the place of what closed or opened it; 0 for now
-- Returns the place.

local place = tonumber(ARGV[6])
if place == 0 then
  place = last
end
local gate = redis.call('HGET', KEYS[1], ARGV[4])
if not gate or tonumber(string.match(gate, ':(%d+)$')) <= place then
  redis.call('HSET', KEYS[1], ARGV[4], ARGV[5] .. ':' .. text(place))
end
return place
