-- Asks the engine for a sign of life on both ways.
--
-- KEYS[1]  the epoch of this engine, KEYS[2]  the channel
-- ARGV[1]  the run of the engine, ARGV[2]  8 random bytes, ARGV[3]  what to publish
-- Returns the epoch: another one when the engine has forgotten everything.

local epoch = redis.call('GET', KEYS[1])
if not epoch or string.sub(epoch, 9) ~= ARGV[1] then
  epoch = ARGV[2] .. ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
redis.call('SPUBLISH', KEYS[2], ARGV[3])
return epoch
