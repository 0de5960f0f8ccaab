import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { PrivateRedis, TestDatabase } from '@switchyard/test-services'
import { BudgetWatch } from './budget-watch.ts'
import { Callers, isRefusedBy } from './callers.ts'
import { damage, kill } from './chaos.ts'
import { end, startScript, until } from './child-process.ts'
import { budgetLimit, configuration, leaseMs } from './configuration.ts'
import type { FleetRecord } from './fleet-record.ts'
import { Gateway } from './gateway.ts'
import type { ProviderRequest } from './provider-account.ts'
import { seededRandom } from './seeded-choice.ts'

export interface FleetOptions {
  readonly seed: string
  readonly database: TestDatabase
  readonly redis: PrivateRedis
  /** Default 200. */
  readonly callers?: number
  /** Told what goes on. */
  readonly say?: (what: string) => void
}

/** Four gateways, three providers, so many callers, and all that can go wrong; until the budget is spent. */
export async function runFleet(options: FleetOptions): Promise<FleetRecord> {
  const { seed, database, redis, say = () => undefined } = options
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-fleet-'))
  const cleaning: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const started = performance.now()
  try {
    const script = fileURLToPath(new URL('./provider-process.ts', import.meta.url))
    const providers = startScript([script], { log: join(folder, 'providers.log'), environment: { FLEET_SEED: seed } })
    cleaning.push(() => end(providers, 'SIGKILL'))
    const [said] = (await once(createInterface({ input: providers.stdout as NodeJS.ReadableStream }), 'line')) as [
      string,
    ]
    const { account, ...bases } = JSON.parse(said) as Record<'north' | 'south' | 'west' | 'account', string>
    const file = join(folder, 'switchyard.json')
    await writeFile(file, configuration({ ...bases, database: database.url, redis: redis.url }))
    const names = ['first', 'second', 'third', 'fourth']
    const gateways = await Promise.all(names.map(name => Gateway.create(name, folder, file)))
    cleaning.push(() => Promise.all(gateways.map(gateway => gateway.kill())))
    // all at once: who migrates first is not for us to say
    await Promise.all(gateways.map(gateway => gateway.start()))
    const watch = await BudgetWatch.start(database.url)
    cleaning.push(() => watch.end())
    say('all serve')

    const callers = new Callers(options.callers ?? 200, gateways, seed)
    // their last requests end when the gateways do
    cleaning.push(async () => void callers.stop())
    const random = seededRandom(seed, 'damage')
    const isAtLimit = () => callers.requests.some(({ answered }) => isRefusedBy(answered, 'limit "west"'))
    await until('the west is at its limit', 120_000, isAtLimit)
    const done = await damage({ gateways, redis, watch, leaseMs, random })
    say(`all damage done, ${callers.acknowledged} answers so far`)
    await until('the budget is spent', 240_000, () => isSpent(watch, callers), 100)
    say('the budget is spent')

    for (const gateway of gateways) await kill(gateway, done)
    await callers.stop()
    await Promise.all(gateways.map(gateway => gateway.start()))
    await until('what killed processes held is charged', 60_000, async () => (await watch.slabs('open')) === 0)
    const exitCodes = await Promise.all(gateways.map(gateway => gateway.close()))
    await watch.stop()
    return {
      seed,
      seconds: (performance.now() - started) / 1_000,
      damage: done,
      callers: callers.requests,
      providers: await accountOf(account),
      attempts: await watch.attempts(),
      completed: await watch.completedRequests(),
      standing: await watch.standing(),
      highest: watch.highest,
      looks: watch.looks,
      sawExpired: watch.sawExpired,
      exitCodes,
    }
  } finally {
    for (const clean of cleaning.reverse()) await clean().catch(() => undefined)
  }
}

// a bill is whole when no answer is open any more: whose client is gone is soon noticed
async function accountOf(url: string): Promise<readonly ProviderRequest[]> {
  let requests: readonly ProviderRequest[] = []
  await until('the providers are done with all requests', 60_000, async () => {
    requests = (await (await fetch(url)).json()) as readonly ProviderRequest[]
    return requests.every(({ bill }) => bill?.state !== 'open')
  })
  return requests
}

// what is left is too little for most, or for everybody
async function isSpent(watch: BudgetWatch, callers: Callers): Promise<boolean> {
  const { settled, charged } = await watch.standing()
  return (settled + charged) * 100n > budgetLimit * 98n || callers.refusedInARow >= 4_000
}
