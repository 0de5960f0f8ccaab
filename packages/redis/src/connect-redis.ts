import { randomUUID } from 'node:crypto'
import type { CircuitSharing, LimitStore } from '@switchyard/core'
import { Fleet } from './fleet.ts'
import { RedisCircuits } from './redis-circuits.ts'
import { RedisLimits } from './redis-limits.ts'
import { type RedisOptions, type RedisState, type RedisTimes, redisSettings } from './redis-options.ts'

/** What this process shares with others through Redis. */
export interface RedisSharing extends AsyncDisposable {
  /** For `createLimiter`. */
  readonly limits: LimitStore
  /** For `BreakerBoard`. */
  readonly circuits: CircuitSharing
  readonly state: RedisState
  /**
   * Why it is not `shared`, in one word without secrets, where that is known: `ECONNREFUSED`, `WRONGPASS`, `timeout`.
   */
  readonly problem: string | undefined
  /** How many processes lived when Redis last answered, this one included. */
  readonly members: number
  /** Leaves the fleet: its share goes to the others. Ends sockets and timers. */
  dispose(): Promise<void>
}

/**
 * Joins the fleet of processes that share a Redis and a prefix. Resolves once this process shares, or knows that it
 * has to wait: where Redis does not answer, the state is `joining` until it does.
 *
 * @throws {SwitchyardError} `invalid-request` for options that are wrong.
 */
export function connectRedis(options: RedisOptions): Promise<RedisSharing> {
  return joinFleet(options)
}

/** `connectRedis` with times of a test's choice. */
export async function joinFleet(options: RedisOptions, times?: Partial<RedisTimes>): Promise<RedisSharing> {
  const settings = redisSettings(options, times)
  const fleet = new Fleet(settings, randomUUID())
  const limits = new RedisLimits(fleet)
  const circuits = new RedisCircuits(fleet)
  const recall = `recall ${fleet.key('limit:')}`
  let joined = (): void => {}
  const returned = new Promise<void>(resolve => {
    joined = resolve
  })
  fleet.listen({
    // nobody is asked before it is known who is isolated
    returned: () => void circuits.heard.then(joined),
    message: text => {
      if (text.startsWith(recall)) limits.recall(text.slice(recall.length))
    },
    alive: () => {},
  })
  fleet.open()
  const { silentMs, settleMs, heartbeatMs } = settings.times
  // an empty Redis, or the share of a process that died, takes a while
  const patience = settings.clock.timer(silentMs + settleMs + heartbeatMs, joined)
  const unreachable = settings.clock.timer(4 * settings.timeoutMs, () => {
    if (fleet.members === 0) joined()
  })
  await returned
  patience.cancel()
  unreachable.cancel()
  const dispose = (): Promise<void> => fleet.dispose()
  return {
    limits,
    circuits,
    get state() {
      return fleet.state
    },
    get problem() {
      return fleet.problem
    },
    get members() {
      return fleet.members
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  }
}
