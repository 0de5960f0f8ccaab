import { script } from './connection.ts'

// Everything is whole numbers, in text where it could grow long: Lua's own would turn to 1e+15.
//
// A limit is one hash: `t` the total of its window, `l` its latest bucket, one field for each of 61 buckets,
// `e` what is set aside for processes that may lose Redis, and `e:<process>` how much of it for whom.
// The fleet is one hash: `#epoch` changes whenever Redis lost what it knew, `#ready` once that is known again,
// `#withheld` the share (in millionths) of processes that fell silent, `m:<process>` = when it was last heard of, and
// its share. KEYS[1] is always the fleet, KEYS[2..] are limits.
const common = `
local function text(number) return string.format('%.0f', number) end
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
-- forgets what has left the window; total, latest bucket, and what is set aside
local function advance(key, bucket)
  local head = redis.call('HMGET', key, 't', 'l', 'e')
  local total, latest, aside = tonumber(head[1] or 0), tonumber(head[2] or bucket), tonumber(head[3] or 0)
  -- a clock that steps back stands still
  if bucket <= latest then return total, latest, aside end
  local names = {}
  for old = latest - 60, math.min(latest, bucket - 61) do names[#names + 1] = text(old) end
  if #names > 0 then
    for _, value in ipairs(redis.call('HMGET', key, unpack(names))) do total = total - tonumber(value or 0) end
    redis.call('HDEL', key, unpack(names))
  end
  redis.call('HSET', key, 'l', text(bucket), 't', text(total))
  return total, bucket, aside
end
local function add(key, bucket, by, total, latest)
  if bucket > latest then bucket = latest end
  if bucket <= latest - 61 then return total end
  if by < 0 then by = -math.min(-by, tonumber(redis.call('HGET', key, text(bucket)) or 0)) end
  -- also because Redis knows no -0
  if by == 0 then return total end
  redis.call('HINCRBY', key, text(bucket), text(by))
  redis.call('HSET', key, 'l', text(latest), 't', text(total + by))
  return total + by
end
local function withheldOf(limit, millionths) return math.ceil(limit / 1000000 * millionths) end
local function setAside(key, member, mine, whole)
  redis.call('HSET', key, 'e', text(whole), 'e:' .. member, text(mine))
end
`

/**
 * ARGV: epoch, process, time, channel, then limit, window and amount of each limit.
 * `taken, now, (used, mine)...` | `refused, which, retryAfterMs or -1` | `recall, 0` | `rejoin`.
 */
export const takeScript = script(`${common}
local fleet = redis.call('HMGET', KEYS[1], '#epoch', '#ready', '#withheld', '#silent')
if fleet[1] ~= ARGV[1] or fleet[2] ~= '1' then return {'rejoin'} end
local member, now = ARGV[2], clock(ARGV[3])
local state, worst, wait, recall = {}, 0, 0, false
for at = 2, #KEYS do
  local key, base = KEYS[at], 5 + (at - 2) * 3
  local limit, window, amount = tonumber(ARGV[base]), tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2])
  local width = window / 60
  local total, latest, aside = advance(key, math.floor(now / width))
  local mine = tonumber(redis.call('HGET', key, 'e:' .. member) or 0)
  local whole = limit - total - withheldOf(limit, tonumber(fleet[3]))
  state[at] = {latest, total, aside, mine, whole - (aside - mine)}
  if amount > limit then
    worst, wait = at, -1
  elseif amount > whole then
    local missing, retry = amount - whole, 1000
    local names = {}
    for bucket = latest - 60, latest do names[#names + 1] = text(bucket) end
    for place, value in ipairs(redis.call('HMGET', key, unpack(names))) do
      missing = missing - tonumber(value or 0)
      if missing <= 0 then
        retry = math.max(1, (latest + place) * width - now)
        break
      end
    end
    if wait >= 0 and retry > wait then worst, wait = at, retry end
  elseif amount > whole - (aside - mine) then
    -- what silent processes hold and what is withheld for them is one and the same
    local silent, live = 0, 0
    local fields = redis.call('HGETALL', key)
    for field = 1, #fields, 2 do
      local of = string.match(fields[field], '^e:(.*)$')
      if of and of ~= member then
        local part = tonumber(fields[field + 1])
        local seen = redis.call('HGET', KEYS[1], 'm:' .. of)
        if not seen then
          redis.call('HDEL', key, fields[field])
        elseif now - tonumber(string.match(seen, '^%d+')) > tonumber(fleet[4]) then
          silent = silent + part
        else
          live = live + part
        end
      end
    end
    aside = mine + silent + live
    redis.call('HSET', key, 'e', text(aside))
    local withheld = withheldOf(limit, tonumber(fleet[3]))
    local room = limit - total - live - math.max(silent, withheld)
    state[at] = {latest, total, aside, mine, room}
    if amount > room then
      if live == 0 then
        if wait >= 0 and 1000 > wait then worst, wait = at, 1000 end
      else
        recall = true
        redis.call('PUBLISH', ARGV[4], 'recall ' .. key)
      end
    end
  end
end
if worst ~= 0 then return {'refused', worst - 2, math.ceil(wait)} end
if recall then return {'recall', 0} end
local reply = {'taken', now}
for at = 2, #KEYS do
  local key, base = KEYS[at], 5 + (at - 2) * 3
  local latest, total, aside, mine, room = unpack(state[at])
  local window, amount = tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2])
  total = add(key, latest, amount, total, latest)
  -- its own part makes room first
  local left = math.min(mine, room - amount)
  if left < mine then setAside(key, member, left, aside - mine + left) end
  redis.call('PEXPIRE', key, 2 * window)
  reply[#reply + 1] = total
  reply[#reply + 1] = left
end
return reply
`)

/** ARGV: epoch, time, then window, moment and by of each limit. Nothing where the epoch is another. */
export const correctScript = script(`${common}
if redis.call('HGET', KEYS[1], '#epoch') ~= ARGV[1] then return {'rejoin'} end
local now = clock(ARGV[2])
for at = 2, #KEYS do
  local key, base = KEYS[at], 3 + (at - 2) * 3
  local window, moment, by = tonumber(ARGV[base]), tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2])
  local width = window / 60
  local total, latest = advance(key, math.floor(now / width))
  add(key, math.floor(moment / width), by, total, latest)
  redis.call('PEXPIRE', key, 2 * window)
end
return {'done'}
`)

/** ARGV: time, window. `used`. */
export const usedScript = script(`${common}
local total = advance(KEYS[2], math.floor(clock(ARGV[1]) / (tonumber(ARGV[2]) / 60)))
return {total}
`)

/** ARGV: process, its last heartbeat's number. Gives back what was set aside for it, unless that was after. */
export const yieldScript = script(`${common}
local number = string.match(redis.call('HGET', KEYS[1], 's:' .. ARGV[1]) or '0 0', '^%d+')
if tonumber(number) > tonumber(ARGV[2]) then return {'stale'} end
for at = 2, #KEYS do
  local head = redis.call('HMGET', KEYS[at], 'e', 'e:' .. ARGV[1])
  if head[2] then
    redis.call('HSET', KEYS[at], 'e', text(math.max(0, tonumber(head[1] or 0) - tonumber(head[2]))))
    redis.call('HDEL', KEYS[at], 'e:' .. ARGV[1])
  end
end
return {'done'}
`)

/** As `yieldScript`, and the process is no more. */
export const leaveScript = script(`${yieldScript.text.replace("return {'done'}\n", '')}
redis.call('HDEL', KEYS[1], 'm:' .. ARGV[1], 's:' .. ARGV[1])
return {'done'}
`)

/**
 * A process says that it lives, tells what it used elsewhere, and hears what it may use if it loses Redis.
 * ARGV: epoch it knows, process, time, channel, a new epoch, believed share, processes it knew of, silentMs,
 * forgottenMs, settleMs, longest recovery, when it was sent (0 where not known), 1 to be held alive for it, the report's number,
 * its own number; then for each limit: limit, window, believed part, number of reports, and bucket and amount of each report.
 * `stale, now` where it took long to arrive | `epoch` alone where it is another than known | `epoch, ready, share, living processes, now, all processes,
 * (used, part)...`.
 */
export const beatScript = script(`${common}
local fleetKey = KEYS[1]
local member, now = ARGV[2], clock(ARGV[3])
local believed = tonumber(ARGV[6])
local epoch = redis.call('HGET', fleetKey, '#epoch')
if not epoch then
  epoch = ARGV[5]
  redis.call('HSET', fleetKey, '#epoch', epoch, '#started', text(now), '#ready', '0', '#withheld', '0', '#silent', ARGV[8])
  redis.call('PEXPIRE', fleetKey, 86400000)
end
if epoch ~= ARGV[1] then return {epoch} end
-- what was held up on its way would say of a silent process that it lives
if tonumber(ARGV[12]) > 0 and now - tonumber(ARGV[12]) > 1000 then return {'stale', now} end
redis.call('PEXPIRE', fleetKey, 86400000)
local meta = redis.call('HMGET', fleetKey, '#started', '#ready')
local started, ready = tonumber(meta[1]), meta[2] == '1'

local number, reported = string.match(redis.call('HGET', fleetKey, 's:' .. member) or '0 0', '^(%d+) (%d+)$')
-- one that was overtaken by a later one
if tonumber(ARGV[15]) <= tonumber(number) then return {'stale', now} end

local live, processes, held, lapsed, largest, names = 1, 1, 0, 0, 0, member
local fields = redis.call('HGETALL', fleetKey)
for at = 1, #fields, 2 do
  local of = string.match(fields[at], '^m:(.*)$')
  if of and of ~= member then
    local seen, share = string.match(fields[at + 1], '^(%d+) (%d+)$')
    local silence = now - tonumber(seen)
    if silence > tonumber(ARGV[9]) then
      redis.call('HDEL', fleetKey, fields[at], 's:' .. of)
    else
      processes = processes + 1
      names = names .. ' ' .. of
      if silence > tonumber(ARGV[8]) then
        lapsed = lapsed + tonumber(share)
      else
        live = live + 1
        held = held + tonumber(share)
        largest = math.max(largest, tonumber(share))
      end
    end
  end
end
-- of processes that fell silent never more than half is kept
local withheld = math.min(500000, lapsed)
local target = math.floor(1000000 / processes)
if lapsed > 500000 then target = math.floor(500000 / live) end
local share = math.min(target, math.max(0, 1000000 - held - withheld))
local known = redis.call('HGET', fleetKey, 'm:' .. member)
local seen = known and ARGV[13] ~= '1' and string.match(known, '^%d+') or text(now)
redis.call('HSET', fleetKey, 'm:' .. member, seen .. ' ' .. text(math.max(share, believed)))
-- a report that was thought lost is not counted twice
local again = tonumber(ARGV[14]) <= tonumber(reported)
redis.call('HSET', fleetKey, 's:' .. member, ARGV[15] .. ' ' .. ARGV[14])
if not ready then
  -- who beats in this epoch has told all that it used; the others that were there are waited for
  redis.call('HSET', fleetKey, 'w:' .. member, '0')
  for of in string.gmatch(ARGV[7], '%S+') do redis.call('HSETNX', fleetKey, 'w:' .. of, '1') end
  local waiting = 0
  fields = redis.call('HGETALL', fleetKey)
  for at = 1, #fields, 2 do
    if string.sub(fields[at], 1, 2) == 'w:' then
      waiting = waiting + tonumber(fields[at + 1])
    end
  end
  local age = now - started
  ready = (waiting == 0 and (ARGV[7] ~= '' or age >= tonumber(ARGV[10]))) or age >= tonumber(ARGV[11])
  if ready then
    for at = 1, #fields, 2 do
      if string.sub(fields[at], 1, 2) == 'w:' then redis.call('HDEL', fleetKey, fields[at]) end
    end
  end
end
redis.call('HSET', fleetKey, '#ready', ready and '1' or '0', '#withheld', text(withheld))
if share < target and largest > target then redis.call('PUBLISH', ARGV[4], 'beat') end

local reply = {epoch, ready and 1 or 0, share, live, now, names}
local place = 16
for at = 2, #KEYS do
  local key = KEYS[at]
  local limit, window = tonumber(ARGV[place]), tonumber(ARGV[place + 1])
  local part, reports = tonumber(ARGV[place + 2]), tonumber(ARGV[place + 3])
  place = place + 4
  local total, latest, aside = advance(key, math.floor(now / (window / 60)))
  for _ = 1, reports do
    if not again then total = add(key, tonumber(ARGV[place]), tonumber(ARGV[place + 1]), total, latest) end
    place = place + 2
  end
  local mine = tonumber(redis.call('HGET', key, 'e:' .. member) or 0)
  local free = math.max(0, limit - total - (aside - mine) - withheldOf(limit, withheld))
  -- half stays free for who asks first, and for who may come
  local fresh = math.floor(free / 2000000 * share)
  -- until all is known again it keeps what it has
  if not ready then fresh = part elseif share == 0 then fresh = 0 end
  -- what it believes to have counts until it is known to have heard otherwise
  local counted = math.max(fresh, math.min(mine, part))
  if counted ~= mine then setAside(key, member, counted, aside - mine + counted) end
  if total > 0 or counted > 0 then redis.call('PEXPIRE', key, 2 * window) end
  reply[#reply + 1] = total
  reply[#reply + 1] = fresh
end
return reply
`)
