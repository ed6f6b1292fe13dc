-- Where a family's stream is, and what it holds behind a place.
--
-- KEYS[2]  the stream
-- ARGV[4]  the place
-- ARGV[5]  a place that was told already: the next one is higher
-- Returns the epoch, its first place, the last place, the clock's place, and the messages.

if tonumber(ARGV[5]) > last then
  last = tonumber(ARGV[5])
  redis.call('HSET', KEYS[1], 'last', text(last))
end
local messages = {}
for i, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[4] .. '-0', '+', 'COUNT', 2000)) do
  messages[i] = entry[2][2]
end
return { epoch, born, last, now * 4096, messages }
