-- Gives an event its place, and tells it.
--
-- KEYS[2]  the stream, KEYS[3]  the channel, KEYS[4]  the place of an event with this id, if it has an id
-- ARGV[4]  the event
-- ARGV[5]  "m:<member>"
-- ARGV[6]  "1" when it is not taken while its member is closed
-- ARGV[7]  until when it closes its member, in milliseconds; 0 for ever, -1 when it opens them, or nothing
-- Returns its place; 0 when the stream is closed to its member.

if KEYS[4] then
  local known = redis.call('GET', KEYS[4])
  if known then
    return tonumber(known)
  end
end
if ARGV[6] == '1' then
  local gate = redis.call('HGET', KEYS[1], ARGV[5])
  if gate then
    local til = tonumber(string.match(gate, '^(-?%d+):'))
    if til == 0 or til > now then
      return 0
    end
  end
end

local place = math.max(last + 1, clock)
local message = epoch .. struct.pack('>dd', last, place) .. ARGV[4]
local id = text(place) .. '-0'
if type(redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', 1000, id, 'm', message)) == 'table' then
  -- It holds later places than the state knows: the state was evicted.
  redis.call('DEL', KEYS[2])
  redis.call('XADD', KEYS[2], id, 'm', message)
end
redis.call('EXPIRE', KEYS[2], 600)
if ARGV[7] == '' then
  redis.call('HSET', KEYS[1], 'last', text(place))
else
  redis.call('HSET', KEYS[1], 'last', text(place), ARGV[5], ARGV[7] .. ':' .. text(place))
end
if KEYS[4] then
  redis.call('SET', KEYS[4], text(place), 'EX', 600)
end
redis.call('SPUBLISH', KEYS[3], message)
return place
