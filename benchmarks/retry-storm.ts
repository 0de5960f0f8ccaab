// A provider with so much capacity, a ten-second outage, and what retries make of it. In virtual time; draws retry-storm.svg.
import { writeFile } from 'node:fs/promises'
import { type Curve, type Protection, runCurve, world } from './storm/experiment.ts'
import { drawn, type Line } from './storm/picture.ts'

const curves: readonly (Protection & Pick<Line, 'name' | 'style'>)[] = [
  { name: 'neither', style: 'bare', retryBudget: false, breaker: false },
  { name: 'circuit breaker alone', style: 'breaker', retryBudget: false, breaker: true },
  { name: 'retry budget alone', style: 'budget', retryBudget: true, breaker: false },
  { name: 'both, as by default', style: 'both', retryBudget: true, breaker: true },
]
// where it is drawn, in seconds from the outage's begin
const from = -5
const until = 60

const lines: Line[] = []
for (const type of ['silent', 'refusing'] as const) {
  const rows: Record<string, object> = {}
  for (const { name, style, ...protection } of curves) {
    const curve = await runCurve(type, protection)
    rows[name] = figures(curve)
    if (type !== 'silent') continue
    const shown = curve.seconds.slice(world.healthySeconds + from, world.healthySeconds + until)
    const answered = shown.map(second => (second.offered === 0 ? 1 : second.answered / second.offered))
    lines.push({ name, style, answered, attempts: smooth(shown.map(({ attempts }) => attempts)) })
  }
  const hedged = await runCurve(type, { retryBudget: true, breaker: true, hedgeAfterMs: 1_000 })
  rows['both, and hedged with a second provider'] = figures(hedged)
  console.log(type === 'silent' ? '\nthe provider falls silent' : '\nthe provider refuses everything')
  console.table(rows)
}

const rates: Record<string, object> = {}
for (const offeredPerSecond of [1, 2, 5, 10, 20, 60]) {
  const [silent, refusing] = [
    await runCurve('silent', { retryBudget: true, breaker: true, offeredPerSecond }),
    await runCurve('refusing', { retryBudget: true, breaker: true, offeredPerSecond }),
  ]
  rates[`${offeredPerSecond} requests a second`] = {
    'amplification, silent': rounded(silent.amplification),
    'amplification, refusing': rounded(refusing.amplification),
  }
}
console.log('\nboth, as by default, by the load that is offered')
console.table(rates)

const { offeredPerSecond: offered, outageSeconds: outageEnd, workers, serviceMs } = world
const picture = drawn({
  title: 'A ten-second outage, and what retries make of it',
  subtitle: `One provider falls silent after a minute of health. Three attempts a request, ${world.firstTokenMs / 1_000} s each.`,
  from,
  outageEnd,
  offered,
  capacity: (workers * 1_000) / serviceMs,
  lines,
})
await writeFile(new URL('./retry-storm.svg', import.meta.url), picture)

function figures(curve: Curve) {
  return {
    amplification: rounded(curve.amplification),
    '... of requests it saw': rounded(curve.amplificationOfSeen),
    'recovered after, s': curve.recoveredAfter ?? `not within ${world.afterSeconds}`,
    'answered, %': rounded(curve.answered * 100),
    ...(curve.hedgeShare !== undefined && { 'asked of the second, %': rounded(curve.hedgeShare * 100) }),
  }
}

/** The mean of each second and its two neighbours. */
function smooth(values: readonly number[]): readonly number[] {
  return values.map((_, at) => {
    const near = values.slice(Math.max(0, at - 1), at + 2)
    return near.reduce((sum, value) => sum + value, 0) / near.length
  })
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
