import { script } from './connection.ts'

// KEYS[1] is a hash of circuits: `open <until> <not before> <failed probes> <told at>` or `isolated`, closed ones are not in it.
// KEYS[2] is a hash of probes on their way: `<process> <until>`.
const common = `
local function text(number) return string.format('%.0f', number) end
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function known(name, now)
  local value = redis.call('HGET', KEYS[1], name)
  if not value then return 'closed', 0, 0, 0 end
  if value == 'isolated' then return value, 0, 0, 0 end
  local till, before, failed, at = string.match(value, '^open (%d+) (%d+) (%d+) (%d+)$')
  -- the clock was set back
  local back = math.max(0, tonumber(at) - now)
  return 'open', tonumber(till) - back, tonumber(before) - back, tonumber(failed)
end
local function told(now, state, till, before, failed)
  return state .. ' ' .. text(math.max(0, till - now)) .. ' ' .. text(math.max(0, before - now)) .. ' ' .. text(failed)
end
`

/** ARGV: time, channel, process, circuit, state, remaining, Retry-After, failed probes, 1 where by hand. */
export const tellScript = script(`${common}
local now, member, name, state = clock(ARGV[1]), ARGV[3], ARGV[4], ARGV[5]
local probe = redis.call('HGET', KEYS[2], name)
if probe and (state ~= 'open' or string.match(probe, '^%S+') == member) then redis.call('HDEL', KEYS[2], name) end
local before, till, notBefore, failed = known(name, now)
if before == 'isolated' and ARGV[9] ~= '1' then return {'kept'} end
if state == 'closed' then
  if redis.call('HDEL', KEYS[1], name) == 0 then return {'kept'} end
elseif state == 'isolated' then
  redis.call('HSET', KEYS[1], name, 'isolated')
else
  till = math.max(till, now + tonumber(ARGV[6]))
  notBefore = math.max(notBefore, now + tonumber(ARGV[7]))
  failed = math.max(failed, tonumber(ARGV[8]))
  local times = text(till) .. ' ' .. text(notBefore)
  redis.call('HSET', KEYS[1], name, 'open ' .. times .. ' ' .. text(failed) .. ' ' .. text(now))
end
redis.call('PEXPIRE', KEYS[1], 86400000)
redis.call('PUBLISH', ARGV[2], 'circuit ' .. member .. ' ' .. told(now, state, till, notBefore, failed) .. ' ' .. name)
return {'told'}
`)

/** ARGV: time, process, circuit, lease, 1 where early. `granted` | `refused, retryAfterMs`. */
export const probeScript = script(`${common}
local now, member, name = clock(ARGV[1]), ARGV[2], ARGV[3]
local state, till, notBefore = known(name, now)
if state == 'isolated' then return {'refused', 1000} end
local from = ARGV[5] == '1' and notBefore or till
if now < from then return {'refused', from - now} end
local of, ends = string.match(redis.call('HGET', KEYS[2], name) or '', '^(%S+) (%d+)$')
local left = ends and tonumber(ends) - now or 0
-- more than a lease is left only where the clock was set back
if of and of ~= member and left > 0 and left <= tonumber(ARGV[4]) then return {'refused', math.min(1000, left)} end
redis.call('HSET', KEYS[2], name, member .. ' ' .. text(now + tonumber(ARGV[4])))
redis.call('PEXPIRE', KEYS[2], 86400000)
return {'granted'}
`)

/** ARGV: time, process, lease (0 gives it back), then circuits. */
export const leaseScript = script(`${common}
local now, member, lease = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])
redis.call('PEXPIRE', KEYS[1], 86400000)
for at = 4, #ARGV do
  local of = string.match(redis.call('HGET', KEYS[2], ARGV[at]) or '', '^%S+')
  if of == member then
    if lease == 0 then
      redis.call('HDEL', KEYS[2], ARGV[at])
    else
      redis.call('HSET', KEYS[2], ARGV[at], member .. ' ' .. text(now + lease))
    end
  end
end
return {'done'}
`)

/** ARGV: time. `circuit, state remaining Retry-After failed`, and so on. */
export const circuitsScript = script(`${common}
local now, reply = clock(ARGV[1]), {}
local fields = redis.call('HKEYS', KEYS[1])
for _, name in ipairs(fields) do
  reply[#reply + 1] = name
  reply[#reply + 1] = told(now, known(name, now))
end
return reply
`)

export const circuitScripts = [tellScript, probeScript, leaseScript, circuitsScript]
