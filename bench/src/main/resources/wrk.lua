-- SPDX-License-Identifier: Apache-2.0
-- Arguments: mode (keep-alive, http10 or crowd), path, then header lines. Prints one line that WrkRun reads. A crowd is
-- a thousand ExApps, asked one after the other: their ids are the path's with another number.
local messages, sent = {}, 0

function init(args)
  local head = { "GET " .. args[2] .. (args[1] == "http10" and " HTTP/1.0" or " HTTP/1.1"), "Host: 127.0.0.1" }
  for i = 3, #args do head[#head + 1] = args[i] end
  local message = table.concat(head, "\r\n") .. "\r\n\r\n"
  for i = 1, args[1] == "crowd" and 1000 or 1 do
    messages[i] = string.gsub(message, "exapp%-0/", "exapp-" .. i - 1 .. "/", 1)
  end
end

function request()
  sent = sent + 1
  return messages[sent % #messages + 1]
end

function done(summary, latency)
  local e = summary.errors
  print(string.format("sample requests=%d micros=%d bytes=%d errors=%d p50=%d p99=%d p999=%d", summary.requests,
    summary.duration, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50),
    latency:percentile(99), latency:percentile(99.9)))
end
