-- POST one body after another from a file. Arguments: the file, and which line to begin with.
-- An `@` in a line becomes something that never came before.
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local lines, at, stamp = {}, 0, ""
function init(args)
  for line in io.lines(args[1]) do
    local head, tail = string.match(line, "^(.-)@(.*)$")
    lines[#lines + 1] = { head or line, tail }
  end
  at = tonumber(args[2]) + number * math.floor(#lines / 2)
  stamp = args[3] .. "-" .. number .. "-"
end

local headers = { ["Content-Type"] = "application/json" }
function request()
  at = at + 1
  local line = lines[at % #lines + 1]
  local body = line[1]
  if line[2] then body = body .. stamp .. at .. line[2] end
  return wrk.format("POST", nil, headers, body)
end
