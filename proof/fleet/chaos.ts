import { setTimeout as pause } from 'node:timers/promises'
import type { PrivateRedis } from '@switchyard/test-services'
import type { BudgetWatch } from './budget-watch.ts'
import { until } from './child-process.ts'
import type { Gateway } from './gateway.ts'
import { between } from './seeded-choice.ts'

/** What was done to the fleet. */
export interface Damage {
  kills: number
  stops: number
  flushes: number
  redisRestarts: number
  /** Connections to the database that broke. */
  cuts: number
  /** Gateways that were killed, and when, in milliseconds since 1970. */
  readonly killed: { readonly gateway: string; readonly at: number }[]
}

export interface ChaosOptions {
  readonly gateways: readonly Gateway[]
  readonly redis: PrivateRedis
  readonly watch: BudgetWatch
  readonly leaseMs: number
  readonly random: () => number
}

/** Does its worst, in an order that the seed chooses; settles when all is done and all gateways serve again. */
export async function damage(options: ChaosOptions): Promise<Damage> {
  const done: Damage = { kills: 0, stops: 0, flushes: 0, redisRestarts: 0, cuts: 0, killed: [] }
  const { gateways, redis, watch, random } = options
  const plan = shuffled(random, [
    ...(['kill', 'kill', 'kill', 'stop', 'stop'] as const),
    ...(['flush', 'flush', 'restart', 'cut', 'cut', 'cut'] as const),
  ])
  for (const what of plan) {
    await pause(between(random, 200, 900))
    const gateway = gateways[between(random, 0, gateways.length - 1)] as Gateway
    if (what === 'kill') {
      await kill(gateway, done)
      await pause(between(random, 0, 500))
      await gateway.start()
    } else if (what === 'stop') {
      await stopPastLease(gateway, options)
      done.stops++
    } else if (what === 'flush') {
      await redis.command('FLUSHALL')
      done.flushes++
    } else if (what === 'cut') {
      done.cuts += await watch.cutConnections()
    } else {
      await redis.kill()
      await pause(between(random, 100, 1_500))
      await redis.restart()
      done.redisRestarts++
    }
  }
  return done
}

export async function kill(gateway: Gateway, done: Damage): Promise<void> {
  await gateway.kill()
  done.killed.push({ gateway: gateway.name, at: Date.now() })
  done.kills++
}

// until the database has given up what it held, or it held nothing for twice the lease
async function stopPastLease(gateway: Gateway, { watch, leaseMs }: ChaosOptions): Promise<void> {
  const before = await watch.slabs('expired')
  gateway.stop()
  const deadline = performance.now() + 2.5 * leaseMs
  const expired = async () => performance.now() > deadline || (await watch.slabs('expired')) > before
  await until('what a stopped process held is charged', 60_000, expired)
  gateway.goOn()
}

function shuffled<Item>(random: () => number, items: readonly Item[]): readonly Item[] {
  const left = [...items]
  return items.map(() => left.splice(between(random, 0, left.length - 1), 1)[0] as Item)
}
