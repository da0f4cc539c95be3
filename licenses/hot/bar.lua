-- Let nothing older than the given revisions be kept or given. ARGV: seconds, then each document's
-- name and revision. Repeating it, in any order, does no harm.
for at = 2, #ARGV, 2 do
  local key, revision = 'hot:' .. ARGV[at], ARGV[at + 1]
  local seen = redis.call('GET', key)
  if not seen or tonumber(string.match(seen, '^%a(%d+)')) < tonumber(revision) then
    redis.call('SET', key, 'R' .. revision, 'EX', ARGV[1])
  end
end
return 1
