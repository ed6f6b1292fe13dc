-- Deletes what a family's stream holds. KEYS[2] is the stream.

redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'born', text(last))
return last
