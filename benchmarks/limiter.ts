// In process, without a network: what holding to a limit costs a call, and how much of a rolling minute is usable.
import { type AttemptInfo, type Clock, systemClock } from '@switchyard/core'
import { createLimiter, createMemoryLimits } from '@switchyard/core/limits'
import { RateLimiterMemory } from 'rate-limiter-flexible'

// of this process: what else the machine does is not counted
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const calls = 300_000
const rounds = 7
const completed = {
  type: 'completed',
  usage: { input: { uncached: 100, cacheRead: 0, cacheWrite: {} }, output: { text: 50, reasoning: 0 } },
  durationMs: 1,
} as const
const info: AttemptInfo = {
  id: 'call.1',
  callId: 'call',
  requestId: 'request',
  chain: 'fast',
  chains: ['fast'],
  nested: false,
  target: 'openai/gpt',
  provider: 'openai',
  model: 'gpt',
  attempt: 1,
  operation: 'message',
  request: { messages: [] },
  context: { principal: 'web' },
}
const estimate = () => ({ expected: 200, most: 4_000 })

function limiterOf(clock: Clock, ...limits: readonly { requestsPerMinute?: number; tokensPerMinute?: number }[]) {
  return createLimiter({
    clock,
    store: createMemoryLimits({ clock }),
    limits: limits.map((limit, at) => ({ name: `limit${at}`, ...limit })),
    holdings: limits.map((_, at) => ({ scope: { type: 'key', name: 'web' }, name: `limit${at}` })),
    estimate,
  })
}

function settled(
  ...limits: Parameters<typeof limiterOf> extends [unknown, ...infer Rest] ? Rest : never
): () => number {
  const limiter = limiterOf(systemClock, ...limits)
  return () => {
    const began = cpuMs()
    for (let call = 0; call < calls; call++) {
      const permit = limiter.admit(info, 0)
      if (!(permit instanceof Promise)) void permit.settle(completed, 0)
    }
    return ((cpuMs() - began) / calls) * 1e6
  }
}

const store = createMemoryLimits({ clock: systemClock })
const ask = { key: 'web', limit: 1e12, windowMs: 60_000 }
function stored(): number {
  const began = cpuMs()
  for (let call = 0; call < calls; call++) {
    const answer = store.take([{ ...ask, amount: 200 }])
    if (answer.taken) store.correct([{ ...ask, at: answer.at, by: -50 }])
  }
  return ((cpuMs() - began) / calls) * 1e6
}

// a fixed window for each key; it takes and gives back by promises
const peer = new RateLimiterMemory({ points: 1e12, duration: 60 })
async function peers(): Promise<number> {
  const began = cpuMs()
  for (let call = 0; call < calls; call++) {
    await peer.consume('web', 200)
    await peer.reward('web', 50)
  }
  return ((cpuMs() - began) / calls) * 1e6
}

const contenders: Readonly<Record<string, () => number | Promise<number>>> = {
  'limiter, tokens': settled({ tokensPerMinute: 1e12 }),
  'limiter, requests and tokens': settled({ requestsPerMinute: 1e12, tokensPerMinute: 1e12 }),
  'the store alone, tokens': stored,
  'rate-limiter-flexible, tokens': peers,
}
const measured = new Map<string, number[]>(Object.keys(contenders).map(name => [name, []]))
for (let round = 0; round < rounds; round++) {
  for (const [name, run] of Object.entries(contenders)) measured.get(name)?.push(await run())
}
const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[rounds >> 1] as number
const own = median(measured.get('limiter, tokens') ?? [])
console.table(
  Object.fromEntries(
    [...measured].map(([name, values]) => [
      name,
      { 'take and settle, CPU ns': Math.round(median(values)), '×': Math.round((median(values) / own) * 100) / 100 },
    ]),
  ),
)

/** The share of a limit that goes through in ten minutes, where three times as much is asked for, evenly. */
function usable(perMinute: number, everyMs: number): number {
  let now = 1_234
  const clock = { ...systemClock, monotonic: () => now, wall: () => now }
  const limiter = limiterOf(clock, { tokensPerMinute: perMinute })
  let used = 0
  for (const end = now + 600_000; now < end; now += everyMs) {
    try {
      const permit = limiter.admit(info, now)
      if (!(permit instanceof Promise)) void permit.settle(completed, now)
      used += 150
    } catch {
      // there was no room
    }
  }
  return used / (perMinute * 10)
}

console.table(
  Object.fromEntries(
    (
      [
        [18_000, 166],
        [90_000, 33],
        [2_000_000, 1.5],
      ] as const
    ).map(([perMinute, everyMs]) => [
      `${perMinute} tokens a minute`,
      { 'usable share': Math.round(usable(perMinute, everyMs) * 1000) / 1000, 'to reach': 0.9 },
    ]),
  ),
)
