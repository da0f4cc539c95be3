-- One device call: spend its limits, find its documents, keep its heartbeat.
-- ARGV: kind, digest, fingerprint, address, now, new boot mark, the end of a beat,
--       token calls, token window, token seconds, licence calls, licence window, licence seconds,
--       calls of a licence without seats, calls per seat, the mark of a version.
-- What stands for a device, a token or a key with a device that holds a seat, spends the licence's
-- limit; a key alone spends one of its own, so that whoever merely knows it stops no device.
-- Key names are made from values, so this runs on one Redis, not on a spread cluster.
local kind, digest, fingerprint, address = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local function spend(name, window, seconds)
  local key = 'hot:n:' .. name .. ':' .. window
  local used = redis.call('INCR', key)
  if used == 1 then redis.call('EXPIRE', key, seconds) end
  return used
end

local blocked = 0
local till = redis.call('HGET', 'hot:f:' .. address, 'until')
if till then blocked = math.max(0, tonumber(till) - tonumber(ARGV[5])) end
local boot = redis.call('GET', 'hot:boot')
if not boot then
  boot = ARGV[6]
  redis.call('SET', 'hot:boot', boot)
end
local of_token, of_license, limit, kept, body, device = 0, 0, 0, 0, '', ''
local release = ''
-- One line of numbers, then the documents.
local function reply()
  local numbers = string.format('%.3f %s %d %d %d %d %d %d\n', blocked, boot, of_token, of_license,
                                limit, kept, #body, #body + #device)
  return numbers .. body .. device .. release
end
if kind == 't' and ARGV[8] ~= '' then
  of_token = spend('t:' .. digest, ARGV[9], ARGV[10])
  if of_token > tonumber(ARGV[8]) then return reply() end
end

local pointer = redis.call('GET', 'hot:' .. kind .. ':' .. digest)
if not pointer then return reply() end
-- A pointer ends with the product where the licence's maintenance decides which versions run, a
-- token's also with the version that its device last said it runs.
local license, activation, product, version
if kind == 't' then
  license, activation, product, version = string.match(pointer, '^([^:]+):([^:]+):?([^:]*):?(.*)$')
else
  license, product = string.match(pointer, '^([^:]+):?(.*)$')
end
if kind == 'k' and fingerprint ~= '' then
  activation = redis.call('GET', 'hot:d:' .. license .. ':' .. fingerprint)
end

local copy = redis.call('GET', 'hot:l:' .. license)
if not copy or string.sub(copy, 1, 1) ~= 'D' then return reply() end
local seats, terms = string.match(copy, '^D%d+;(%-?%d+);(.*)$')
local hold = nil
if activation then
  local found = redis.call('GET', 'hot:a:' .. activation)
  if found and string.sub(found, 1, 1) == 'D' then
    hold = string.match(found, '^D%d+;%-?%d+;(.*)$')
  end
end
-- A token's verdict needs both; who asks by token without them loads, and spends then.
if kind == 't' and not hold then return reply() end

if ARGV[11] ~= '' then
  limit = tonumber(ARGV[14])
  if tonumber(seats) >= 0 then limit = tonumber(ARGV[11]) + tonumber(ARGV[15]) * tonumber(seats) end
  of_license = spend((hold and 'l:' or 'k:') .. license, ARGV[12], ARGV[13])
  if of_license > limit then
    -- Whose limit it was, is known by the device.
    device = hold or ''
    return reply()
  end
end
body, device = terms, hold or ''
if ARGV[16] ~= '' then version = ARGV[16] end
if product ~= '' and version and version ~= '' then
  local found = redis.call('GET', 'hot:v:' .. product .. ':' .. version)
  if found and string.sub(found, 1, 1) == 'D' then
    release = string.match(found, '^D%d+;%-?%d+;(.*)$')
  end
end
if ARGV[7] ~= '' and hold then
  redis.call('RPUSH', 'hot:beats', '["' .. activation .. '",' .. ARGV[7])
  kept = 1
end
return reply()
