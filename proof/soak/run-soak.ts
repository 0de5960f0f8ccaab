import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { PrivateRedis, TestDatabase } from '@switchyard/test-services'
import { Gateway } from '../fleet/gateway.ts'
import { seededRandom } from '../fleet/seeded-choice.ts'
import { Callers, type Tally } from './callers.ts'
import { configuration, targets } from './configuration.ts'
import { startDelayedPort } from './delayed-port.ts'
import { startProviders } from './providers.ts'
import { type Standing, standingOf } from './standing.ts'

export interface SoakOptions {
  readonly seed: string
  /** How long everything breaks, after as long a time to warm up as `warmUpMs` says. */
  readonly soakMs: number
  readonly warmUpMs: number
  /** Default 40. */
  readonly callers?: number
  /** Absent: an SQLite in a file. */
  readonly database: TestDatabase | undefined
  /** Absent: none is shared. */
  readonly redis: PrivateRedis | undefined
  /** Told what goes on. */
  readonly say?: (what: string) => void
}

/** What was seen of one soak. */
export interface SoakRecord {
  /** At rest, after all kinds of faults were seen for a while. */
  readonly before: Standing
  /** In the middle of it: that something was held at all. */
  readonly during: Standing
  /** At rest again. */
  readonly after: Standing
  readonly tally: Tally
  /** How often Redis and the database stood still. */
  readonly freezes: number
  readonly exitCode: number | null
  readonly seconds: number
}

/** A real gateway under every kind of fault, with Redis and a database that are slow, and what it holds on to after. */
export async function runSoak(options: SoakOptions): Promise<SoakRecord> {
  const { seed, soakMs, warmUpMs, callers: count = 40, database, redis, say = () => undefined } = options
  const started = performance.now()
  await using resources = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-soak-'))
  resources.defer(() => rm(folder, { recursive: true, force: true }))
  const delays = { delayMs: 8, freezeMs: 600, random: seededRandom(seed, 'delays') }
  const slowly = async (to: string, usualPort: number) =>
    resources.use(await startDelayedPort({ to, usualPort, ...delays }))
  const databasePort = database && (await slowly(database.url, 5432))
  const redisPort = redis && (await slowly(redis.url, 6379))
  const providers = resources.use(await startProviders(seed))
  const file = join(folder, 'switchyard.json')
  await writeFile(
    file,
    configuration({
      alpha: providers.alpha.baseURL,
      beta: providers.beta.baseURL,
      gamma: providers.gamma.baseURL,
      database: databasePort?.url,
      redis: redisPort?.url,
    }),
  )
  const probeFile = join(folder, 'probe.json')
  const probe = fileURLToPath(new URL('./probe.ts', import.meta.url))
  const gateway = await Gateway.create('soaked', folder, file, {
    nodeWords: ['--expose-gc', '--import', probe],
    environment: { SOAK_PROBE: probeFile },
  })
  resources.defer(() => gateway.kill())
  await gateway.start()
  say('the gateway serves')

  const setFaulty = (faulty: boolean): void => {
    providers.faulty = faulty
    for (const port of [databasePort, redisPort]) if (port) port.calm = !faulty
  }
  const tally: Tally[] = []
  const soak = async (part: string, ms: number, halfway?: () => Promise<void>): Promise<void> => {
    setFaulty(true)
    const callers = new Callers(count, gateway.url, `${seed}-${part}`)
    tally.push(callers.tally)
    await pause(ms / 2)
    await halfway?.()
    await pause(ms / 2)
    await callers.stop()
    // two statements that meet because they are late want two connections: nothing is late at rest
    setFaulty(false)
    say(
      `${part}: ${callers.asked} requests, ${JSON.stringify({ ...callers.tally, wrong: callers.tally.wrong.length })}`,
    )
    await recover(gateway.url)
  }
  const { alpha, beta, gamma } = providers
  const named = { clients: gateway.url, alpha: alpha.url, beta: beta.url, gamma: gamma.url }
  const services = { ...(databasePort && { database: databasePort.url }), ...(redisPort && { redis: redisPort.url }) }
  const ports = Object.fromEntries(
    Object.entries({ ...named, ...services }).map(([name, url]) => [new URL(url).port, name]),
  )
  const at = () => standingOf(gateway, probeFile, ports)
  await soak('warm-up', warmUpMs)
  const before = await atRest(at)
  say(`at rest: ${JSON.stringify(before)}`)
  let during = before
  await soak('soak', soakMs, async () => {
    during = await at()
  })
  const after = await atRest(at, before)
  say(`at rest again: ${JSON.stringify(after)}`)
  return {
    before,
    during,
    after,
    tally: tally.reduce(sum),
    freezes: (databasePort?.freezes ?? 0) + (redisPort?.freezes ?? 0),
    exitCode: await gateway.close(),
    seconds: (performance.now() - started) / 1_000,
  }
}

// circuits close where somebody asks
async function recover(url: string): Promise<void> {
  const deadline = performance.now() + 20_000
  for (const model of targets) {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Say well' }], max_tokens: 1_000 })
    for (let well = 0; well < 3 && performance.now() < deadline; ) {
      const headers = { 'content-type': 'application/json', connection: 'close' }
      const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })
      await response.text()
      if (response.ok) well++
      else await pause(200)
    }
  }
}

const longestRestMs = 60_000
// longer than connections are kept for the next request
const steadyLooks = 12

/** When it lets go of nothing more: the most that it held while it rested. With `like`, as soon as it has no more than that. */
async function atRest(at: () => Promise<Standing>, like?: Standing): Promise<Standing> {
  const deadline = performance.now() + longestRestMs
  let looks: Standing[] = []
  for (;;) {
    await pause(1_000)
    const now = await at()
    const last = looks.at(-1)
    if (last !== undefined && (now.sockets < last.sockets || now.inFlight + now.places > 0)) looks = []
    looks.push(now)
    const isOver = performance.now() > deadline
    if (like !== undefined && (isOver || (looks.length >= 3 && isWithin(now, like)))) return now
    if (like === undefined && (isOver || looks.length >= steadyLooks)) {
      return { ...now, timers: Math.max(...looks.map(({ timers }) => timers)) }
    }
  }
}

function isWithin(now: Standing, like: Standing): boolean {
  return now.sockets <= like.sockets && now.descriptors <= like.descriptors && now.timers <= like.timers
}

function sum(one: Tally, other: Tally): Tally {
  return {
    whole: one.whole + other.whole,
    failed: one.failed + other.failed,
    refused: one.refused + other.refused,
    left: one.left + other.left,
    codes: Object.fromEntries(
      [...new Set([...Object.keys(one.codes), ...Object.keys(other.codes)])].map(code => [
        code,
        (one.codes[code] ?? 0) + (other.codes[code] ?? 0),
      ]),
    ),
    wrong: [...one.wrong, ...other.wrong],
  }
}
