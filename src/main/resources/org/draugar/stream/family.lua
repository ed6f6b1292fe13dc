-- What the scripts of a family's stream share. In front of each of them.
--
-- KEYS[1]  its state: run and epoch of the engine, the place behind which the stream holds events, the last place,
--          and for each member who was closed or opened "m:<member>" = "<until>:<place>": until 0 is for ever, -1 is open
-- ARGV[1]  the run of the engine, by the node that is connected to it
-- ARGV[2]  8 random bytes: the epoch, if this is the first that happens in one
-- ARGV[3]  the highest place that the node has seen anywhere

-- Lua would write 7.2e+15.
local function text(number)
  return string.format('%.0f', number)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- As Offsets: 4,096 places for each millisecond. Never below what was given out, whatever happened to the clock.
local clock = math.max(now * 4096, tonumber(ARGV[3]))

local run, epoch, born, last = unpack(redis.call('HMGET', KEYS[1], 'run', 'epoch', 'born', 'last'))
last = tonumber(last)
if run == ARGV[1] then
  born = tonumber(born)
else
  -- The engine has forgotten everything, or is another one, which may lack the last events of the one before.
  epoch = ARGV[2]
  -- Behind all that it gave out before, also in this millisecond to nodes of which this one has not heard.
  born = math.max(clock, last or 0) + 4096
  last = born
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'epoch', epoch, 'born', text(born), 'last', text(last))
end
redis.call('EXPIRE', KEYS[1], 2592000)
