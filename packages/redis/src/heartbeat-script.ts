import { script } from './connection.ts'
import { limitHash } from './limit-hash.ts'

/**
 * A process says that it lives, tells what it used elsewhere, and hears what it may use if it loses Redis.
 * ARGV: a `Heartbeat`; the answer is a `HeartbeatAnswer`.
 */
export const beatScript = script(`${limitHash}
local function serverRun()
  -- not everybody may ask
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
end
local function notKept(key, bucket, amount)
  local claimed = math.min(amount, tonumber(redis.call('HGET', key, 'k:' .. bucket) or 0))
  if claimed > 0 then redis.call('HINCRBY', key, 'k:' .. bucket, text(-claimed)) end
  return amount - claimed
end
local fleetKey = KEYS[1]
local member, now = ARGV[2], clock(ARGV[3])
local believed = tonumber(ARGV[6])
local known = redis.call('HMGET', fleetKey, '#epoch', '#run')
local epoch, run = known[1], serverRun()
-- another server, or one that was started again, may have less than was counted
if not epoch or (run ~= '' and known[2] ~= run) then
  epoch = ARGV[5]
  for _, field in ipairs(redis.call('HKEYS', fleetKey)) do
    if string.sub(field, 1, 2) == 'w:' then redis.call('HDEL', fleetKey, field) end
  end
  redis.call('HSET', fleetKey, '#epoch', epoch, '#run', run, '#started', text(now), '#ready', '0', '#silent', ARGV[8])
  redis.call('HSETNX', fleetKey, '#withheld', '0')
  redis.call('PEXPIRE', fleetKey, 86400000)
end
if epoch ~= ARGV[1] then return {epoch} end
-- what was held up on its way would say of a silent process that it lives
if tonumber(ARGV[12]) > 0 and now - tonumber(ARGV[12]) > 1000 then return {'stale', now} end
redis.call('PEXPIRE', fleetKey, 86400000)
local meta = redis.call('HMGET', fleetKey, '#started', '#ready')
local started, ready = tonumber(meta[1]), meta[2] == '1'
if started > now then
  -- the clock was set back
  started = now
  redis.call('HSET', fleetKey, '#started', text(now))
end

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
    if silence < 0 then redis.call('HSET', fleetKey, fields[at], text(now) .. ' ' .. share) end
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
local mark = redis.call('HGET', fleetKey, 'm:' .. member)
local seen = mark and ARGV[13] ~= '1' and string.match(mark, '^%d+') or text(now)
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
if share < target and largest > target then redis.call('PUBLISH', ARGV[4], 'share ' .. text(target)) end

local reply = {epoch, ready and 1 or 0, share, live, now, names}
local place = 17
for at = 2, #KEYS do
  local key = KEYS[at]
  local limit, window = tonumber(ARGV[place]), tonumber(ARGV[place + 1])
  local part, reports = tonumber(ARGV[place + 2]), tonumber(ARGV[place + 3])
  place = place + 4
  local total, latest, aside = advance(key, now, window, epoch)
  for _ = 1, reports do
    local bucket, amount = ARGV[place], tonumber(ARGV[place + 1])
    place = place + 2
    if not again then
      if ARGV[16] == '1' then amount = notKept(key, bucket, amount) end
      total = add(key, tonumber(bucket), amount, total, latest)
    end
  end
  local mine = tonumber(redis.call('HGET', key, 'e:' .. member) or 0)
  local unused = math.max(0, limit - total - withheldOf(limit, withheld))
  -- half stays free for who asks first, and for who may come
  local fresh = math.min(math.floor(unused / 2000000 * share), math.max(0, unused - (aside - mine)))
  -- until all is known again it keeps what it has
  if not ready then fresh = part elseif share == 0 then fresh = 0 end
  -- what it believes to have counts until it is known to have heard otherwise
  local counted = math.max(fresh, math.min(mine, part))
  if counted ~= mine then setAside(key, member, counted, aside - mine + counted) end
  if total > 0 or counted > 0 then redis.call('PEXPIRE', key, 2 * window) end
  reply[#reply + 1] = fresh
end
return reply
`)
