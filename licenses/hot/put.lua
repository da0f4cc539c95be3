-- Keep copies of documents. ARGV: boot mark, seconds, then for each document its name, revision,
-- seats, body and the number of pointers to it, then each pointer and its target.
-- Refused: everything if the store was emptied since the boot mark was read; one document if a
-- newer copy or a bar of a higher revision stands there.
if redis.call('GET', 'hot:boot') ~= ARGV[1] then return 0 end
local at, count = 3, 0
while ARGV[at] do
  local key, revision = 'hot:' .. ARGV[at], tonumber(ARGV[at + 1])
  local seen = redis.call('GET', key)
  if not seen or tonumber(string.match(seen, '^%a(%d+)')) <= revision then
    local document = 'D' .. ARGV[at + 1] .. ';' .. ARGV[at + 2] .. ';' .. ARGV[at + 3]
    redis.call('SET', key, document, 'EX', ARGV[2])
    count = count + 1
  end
  local pointers = tonumber(ARGV[at + 4])
  at = at + 5
  for _ = 1, pointers do
    redis.call('SET', 'hot:' .. ARGV[at], ARGV[at + 1], 'EX', ARGV[2])
    at = at + 2
  end
end
return count
