-- Sends requests whose variables differ each time. Arguments: calls.lua, the file of variables, how many lines to skip.
-- calls.lua returns a list of {head, prefix, suffix, whether there is a body}; a line is the number of its call, a tab, and the variables as JSON.
local calls, lines, at = {}, {}, 0

function init(arguments)
  calls = dofile(arguments[1])
  for line in io.lines(arguments[2]) do
    lines[#lines + 1] = line
  end
  at = tonumber(arguments[3]) % #lines
end

function request()
  at = at % #lines + 1
  local line = lines[at]
  local tab = line:find("\t", 1, true)
  local call = calls[tonumber(line:sub(1, tab - 1)) + 1]
  if not call[4] then
    return call[1] .. "\r\n"
  end
  local body = call[2] .. line:sub(tab + 1) .. call[3]
  return call[1] .. "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
