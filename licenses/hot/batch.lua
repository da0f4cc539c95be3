-- Return the oldest batch of heartbeats, cut from those kept if none waits. ARGV: an id for it, and
-- how many it holds at most.
local id = redis.call('LINDEX', 'hot:batches', 0)
if not id then
  local beats = redis.call('LRANGE', 'hot:beats', 0, ARGV[2] - 1)
  if #beats == 0 then return false end
  id = ARGV[1]
  for start = 1, #beats, 1000 do
    redis.call('RPUSH', 'hot:batch:' .. id, unpack(beats, start, math.min(start + 999, #beats)))
  end
  redis.call('LTRIM', 'hot:beats', #beats, -1)
  redis.call('RPUSH', 'hot:batches', id)
end
return {id, redis.call('LRANGE', 'hot:batch:' .. id, 0, -1)}
