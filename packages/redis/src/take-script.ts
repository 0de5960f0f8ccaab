import { script } from './connection.ts'
import { limitHash } from './limit-hash.ts'

/**
 * ARGV: epoch, process, time, channel, then limit, window and amount of each limit.
 * `taken, now, (used, mine)...` | `refused, which, retryAfterMs or -1` | `recall, 0` | `rejoin`.
 */
export const takeScript = script(`${limitHash}
local fleet = redis.call('HMGET', KEYS[1], '#epoch', '#ready', '#withheld', '#silent')
if fleet[1] ~= ARGV[1] or fleet[2] ~= '1' then return {'rejoin'} end
local member, now = ARGV[2], clock(ARGV[3])
local state, worst, wait, recall = {}, 0, 0, false
for at = 2, #KEYS do
  local key, base = KEYS[at], 5 + (at - 2) * 3
  local limit, window, amount = tonumber(ARGV[base]), tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2])
  local width = window / 60
  local total, latest, aside = advance(key, now, window, ARGV[1])
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
