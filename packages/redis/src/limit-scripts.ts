import { script } from './connection.ts'
import { limitHash } from './limit-hash.ts'

/** ARGV: epoch, time, then window, moment and by of each limit. Nothing where the epoch is another. */
export const correctScript = script(`${limitHash}
if redis.call('HGET', KEYS[1], '#epoch') ~= ARGV[1] then return {'rejoin'} end
local now = clock(ARGV[2])
for at = 2, #KEYS do
  local key, base = KEYS[at], 3 + (at - 2) * 3
  local window, moment, by = tonumber(ARGV[base]), tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2])
  local width = window / 60
  local total, latest = advance(key, now, window, ARGV[1])
  add(key, math.floor(moment / width), by, total, latest)
  redis.call('PEXPIRE', key, 2 * window)
end
return {'done'}
`)

/** ARGV: time, window. `used`. */
export const usedScript = script(`${limitHash}
local total = advance(KEYS[2], clock(ARGV[1]), tonumber(ARGV[2]))
return {total}
`)

/** ARGV: process, its last heartbeat's number. Gives back what was set aside for it, unless that was after. */
export const yieldScript = script(`${limitHash}
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
