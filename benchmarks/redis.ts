// What sharing limits through Redis costs: one take of two limits, against a Redis on this machine.
import { randomUUID } from 'node:crypto'
import { type AttemptInfo, BreakerBoard, SwitchyardError, systemClock, systemRandom } from '@switchyard/core'
import { connectRedis } from '@switchyard/redis'

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
const takes = Number(process.env.TAKES ?? 20_000)
const asks = [
  { key: 'tier1:requests-per-minute', limit: 1e9, windowMs: 60_000, amount: 1 },
  { key: 'tier1:tokens-per-minute', limit: 1e12, windowMs: 60_000, amount: 1_500 },
]

const fleet = await connectRedis({ url, prefix: `benchmark-${randomUUID()}`, timeoutMs: 5_000 })
const rows: Record<string, unknown> = {}
for (const concurrent of [1, 64]) {
  await run(concurrent, takes / 10)
  rows[`${concurrent} at once`] = await run(concurrent, takes)
}
await fleet.dispose()
console.log('\none take of two limits')
console.table(rows)

console.log('\na circuit that one process opens, until all of four have it open')
const members = await Promise.all([1, 2, 3, 4].map(() => connectRedis({ url, prefix: 'benchmark-circuits' })))
const delays: number[] = []
for (let round = 0; round < 200; round++) delays.push(await open(`model-${round}`))
await Promise.all(members.map(member => member.dispose()))
console.table({ ms: percentiles(delays) })

async function run(concurrent: number, times: number): Promise<object> {
  const latencies: number[] = []
  let left = times
  const started = performance.now()
  const cpu = process.cpuUsage()
  await Promise.all(
    Array.from({ length: concurrent }, async () => {
      while (left-- > 0) {
        const at = performance.now()
        const { taken } = await fleet.limits.take(asks)
        if (!taken) throw new Error(`Refused: ${fleet.state}.`)
        latencies.push(performance.now() - at)
      }
    }),
  )
  const { user, system } = process.cpuUsage(cpu)
  return {
    'takes/s': Math.round((times / (performance.now() - started)) * 1_000),
    ...percentiles(latencies),
    'CPU µs/take here': Math.round((user + system) / times),
  }
}

async function open(model: string): Promise<number> {
  const boards = members.map(
    ({ circuits }) => new BreakerBoard({ clock: systemClock, random: systemRandom, sharing: circuits }),
  )
  const targets = boards.map(board => board.target('provider', model, { minimumCalls: 1 }))
  const permit = await targets[0]?.admit({} as AttemptInfo, systemClock.monotonic())
  const error = new SwitchyardError('overloaded', 'No.')
  const started = performance.now()
  await permit?.settle({ type: 'failed', error, bill: 'nothing', durationMs: 1 }, systemClock.monotonic())
  while (targets.some(target => target.retryAfterMs(systemClock.monotonic()) === 0)) await systemClock.turn()
  const took = performance.now() - started
  for (const board of boards) {
    board.breaker(`provider/${model}`).reset(systemClock.monotonic())
    board.dispose()
  }
  return took
}

function percentiles(values: readonly number[]): object {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number): number => Math.round((sorted[Math.floor(sorted.length * share)] as number) * 100) / 100
  return { 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'most ms': at(0.999999) }
}
