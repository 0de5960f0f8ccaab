// Everything is whole numbers, in text where it could grow long: Lua's own would turn to 1e+15.
//
// A limit is one hash: `t` the total of its window, `l` its latest bucket, one field for each of 61 buckets,
// `e` what is set aside for processes that may lose Redis, and `e:<process>` how much of it for whom.
// `x` is the epoch that it was last counted in, and `k:<bucket>` what of a bucket is left from an earlier one: a server
// that was started again, or took over from another, has old numbers, and processes tell everything anew.
// The fleet is one hash: `#epoch` changes whenever Redis lost what it knew, or may have lost some, `#run` is the server
// that it began on, `#ready` once all is known again, `#withheld` the share (in millionths) of processes that fell
// silent, `m:<process>` = when it was last heard of, and its share. KEYS[1] is always the fleet, KEYS[2..] are limits.

/** What all scripts over limits begin with. */
export const limitHash = `
local function text(number) return string.format('%.0f', number) end
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function keepForRetelling(key, window, epoch)
  local fields = redis.call('HGETALL', key)
  for at = 1, #fields, 2 do
    if string.sub(fields[at], 1, 2) == 'k:' then redis.call('HDEL', key, fields[at]) end
  end
  for at = 1, #fields, 2 do
    if string.match(fields[at], '^%d+$') then redis.call('HSET', key, 'k:' .. fields[at], fields[at + 1]) end
  end
  redis.call('HSET', key, 'x', epoch)
  redis.call('PEXPIRE', key, 2 * window)
end
-- forgets what has left the window; total, latest bucket, and what is set aside
local function advance(key, now, window, epoch)
  local bucket = math.floor(now / (window / 60))
  local head = redis.call('HMGET', key, 't', 'l', 'e', 'x')
  if epoch and head[4] ~= epoch then keepForRetelling(key, window, epoch) end
  local total, latest, aside = tonumber(head[1] or 0), tonumber(head[2] or bucket), tonumber(head[3] or 0)
  local isSetBack = bucket < latest - 60
  -- a clock that steps back a little stands still
  if bucket <= latest and not isSetBack then return total, latest, aside end
  local names, kept = {}, {}
  for old = latest - 60, isSetBack and latest or math.min(latest, bucket - 61) do
    names[#names + 1] = text(old)
    kept[#kept + 1] = 'k:' .. text(old)
  end
  if #names > 0 then
    if not isSetBack then
      for _, value in ipairs(redis.call('HMGET', key, unpack(names))) do total = total - tonumber(value or 0) end
    end
    redis.call('HDEL', key, unpack(names))
    redis.call('HDEL', key, unpack(kept))
  end
  -- and one that was set back far would stand for long: all that is in the window counts from now
  if isSetBack then redis.call('HSET', key, text(bucket), text(total)) end
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
