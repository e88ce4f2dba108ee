-- SPDX-License-Identifier: Apache-2.0
-- Arguments: mode (keep-alive or http10), path, then header lines. Prints one line that WrkRun reads.
local message

function init(args)
  local head = { "GET " .. args[2] .. (args[1] == "http10" and " HTTP/1.0" or " HTTP/1.1"), "Host: 127.0.0.1" }
  for i = 3, #args do head[#head + 1] = args[i] end
  message = table.concat(head, "\r\n") .. "\r\n\r\n"
end

function request()
  return message
end

function done(summary, latency)
  local e = summary.errors
  print(string.format("sample requests=%d micros=%d bytes=%d errors=%d p50=%d p99=%d", summary.requests, summary.duration,
    summary.bytes, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
