-- Charge an address with a failure. ARGV: address, now, window, failures allowed in it, longest
-- delay, seconds until all is forgiven.
local key = 'hot:f:' .. ARGV[1]
local now = tonumber(ARGV[2])
local seen = redis.call('HMGET', key, 'window', 'count', 'delays')
local count, delays = 1, tonumber(seen[3] or 0)
if seen[1] == ARGV[3] then count = tonumber(seen[2]) + 1 end
redis.call('HSET', key, 'window', ARGV[3], 'count', count)
if delays > 0 or count >= tonumber(ARGV[4]) then
  delays = delays + 1
  local till = now + math.min(tonumber(ARGV[5]), 2 ^ delays)
  redis.call('HSET', key, 'delays', delays, 'until', string.format('%.3f', till))
end
redis.call('EXPIRE', key, ARGV[6])
return count
