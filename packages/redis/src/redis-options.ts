import { type Clock, type Random, SwitchyardError, systemClock, systemRandom } from '@switchyard/core'

/** What a process is to the others. */
export type RedisState =
  /** It has not been let in yet, and takes nothing. */
  | 'joining'
  /** Redis counts. */
  | 'shared'
  /** Redis does not answer, or has lost what it knew: the process goes by its own share. */
  | 'away'

/** Times are milliseconds. */
export interface RedisOptions {
  /** `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string
  /** Names the fleet: processes with the same prefix are one. It begins every key; default `switchyard`. */
  readonly prefix?: string
  /**
   * While Redis is away: `share` goes on with this process's share of every limit, less what the fleet was last seen
   * to use; `refuse` refuses what has a limit. Default `share`.
   */
  readonly whenAway?: 'share' | 'refuse'
  /** The longest that a command waits for Redis before it is held to be away: at most 60,000, default 250. */
  readonly timeoutMs?: number
  /** Default: the machine's. */
  readonly clock?: Clock
  readonly random?: Random
  /** Hears whenever `state` changes; what it throws is ignored. */
  readonly onState?: (state: RedisState) => void
}

/** For tests: times that are no user's business. */
export interface RedisTimes {
  /** How often a process says that it lives. */
  readonly heartbeatMs: number
  /** A process that was silent for so long is held to be away from Redis. */
  readonly silentMs: number
  /** So long its share is kept for it. */
  readonly forgottenMs: number
  /** How long the first process of an empty Redis waits for others who may know more. */
  readonly settleMs: number
  /** What scripts take for the time in place of Redis's own, in whole milliseconds, so that a test need not wait. */
  readonly now: (() => number) | undefined
}

const defaultTimes: RedisTimes = {
  heartbeatMs: 1_000,
  silentMs: 3_000,
  forgottenMs: 120_000,
  settleMs: 1_200,
  now: undefined,
}

export interface RedisSettings extends Required<Omit<RedisOptions, 'onState'>> {
  readonly onState: ((state: RedisState) => void) | undefined
  readonly database: number
  readonly times: RedisTimes
}

/** @throws {SwitchyardError} `invalid-request`, naming the option at fault, and never what is secret in a URL. */
export function redisSettings(options: RedisOptions, times: Partial<RedisTimes> = {}): RedisSettings {
  const { prefix = 'switchyard', whenAway = 'share', timeoutMs = 250 } = options
  const database = databaseOf(options.url)
  if (prefix === '' || /[{}\s]/.test(prefix)) {
    throw invalid('prefix', `must not be empty, nor contain braces or white space: "${prefix}"`)
  }
  if (whenAway !== 'share' && whenAway !== 'refuse') throw invalid('whenAway', 'must be "share" or "refuse"')
  if (!(timeoutMs > 0 && timeoutMs <= longestTimeoutMs)) {
    throw invalid('timeoutMs', `must be above 0, and at most ${longestTimeoutMs}, not ${timeoutMs}`)
  }
  return {
    url: options.url,
    prefix,
    whenAway,
    timeoutMs,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    onState: options.onState,
    database,
    times: { ...defaultTimes, ...times },
  }
}

const longestTimeoutMs = 60_000

function databaseOf(url: string): number {
  const form = 'must be like redis://host:6379, or rediss:// for TLS'
  let parsed: URL
  try {
    parsed = new URL(url)
    // what the client does, though its error would be nobody's
    decodeURIComponent(parsed.username + parsed.password)
  } catch {
    throw invalid('url', `${form}; a "%" in a user or password is written "%25"`)
  }
  if (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:') throw invalid('url', form)
  if (!/^\/?(\d+)?$/.test(parsed.pathname)) throw invalid('url', "may end in a database's number only")
  return Number(parsed.pathname.slice(1))
}

function invalid(name: keyof RedisOptions, what: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `Redis: ${name} ${what}.`, { param: `redis.${name}` })
}
