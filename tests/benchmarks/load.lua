-- Requests for wrk: the same one again and again, or each with arguments of its own.
-- Arguments: FILE [EVERY]. FILE has a JSON body a line; of EVERY requests one takes the next line, the others the
-- first; 1 by default. Without a second line all requests are the same.
local bodies, every, count, place = {}, 1, 0, 1

function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
  every = tonumber(args[2] or "1")
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json"
end

function request()
  count = count + 1
  if count % every ~= 0 then return wrk.format(nil, nil, nil, bodies[1]) end
  place = place % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[place])
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
