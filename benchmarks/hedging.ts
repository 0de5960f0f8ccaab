// What hedging does for the slow tail, over HTTP: first tokens with and without it, and what it costs in calls.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createChain, type HedgeOptions } from '@switchyard/core'
import { createPerformance, hedging } from '@switchyard/core/routing'
import { createOpenAICompatible } from '@switchyard/openai-compatible'
import { type Fault, type Simulator, startSimulator } from '@switchyard/simulator'
import OpenAI from 'openai'
import { freePort, listening } from './listening.ts'
import { stop } from './processes.ts'

const requests = Number(process.env.REQUESTS ?? 1_000)
const atOnce = 8
const messages = [{ role: 'user' as const, content: 'Say a few words.' }]

/** One way to ask, and to end. */
interface Contender {
  /** Resolves at the first text; `done` once all of it is there. */
  ask(): Promise<{ readonly done: Promise<void> }>
  close(): Promise<void>
}

interface Setting {
  readonly hedge?: HedgeOptions
  readonly through: 'library' | 'gateway'
}

const settings: Readonly<Record<string, Setting>> = {
  'chain, no hedge': { through: 'library' },
  'chain, hedge after 200 ms': { through: 'library', hedge: { afterMs: 200 } },
  'chain, hedge at p95': { through: 'library', hedge: { percentile: 95 } },
  'gateway, no hedge': { through: 'gateway' },
  'gateway, hedge at p95': { through: 'gateway', hedge: { percentile: 95 } },
}

interface Moment {
  /** Which of the targets it is. */
  readonly place: number
  /** Requests that were made before. */
  readonly asked: number
  /** Calls that this target has had before. */
  readonly calls: number
}

async function measured(name: string, count: number, faults: (moment: Moment) => readonly Fault[]): Promise<void> {
  const rows: Record<string, object> = {}
  const p99: Record<string, number> = {}
  for (const [title, setting] of Object.entries(settings)) {
    const state = { asked: 0, calls: [0, 0] as [number, number] }
    const targets: Simulator[] = []
    for (const place of [0, 1] as const) {
      const faultsHere = () => faults({ place, asked: state.asked, calls: state.calls[place]++ })
      targets.push(await startSimulator({ reply: 'Fine, thank you.', logBodies: false, faults: faultsHere }))
    }
    const contender = await contenders[setting.through](targets, setting.hedge, name === 'outage' ? 2_000 : 15_000)
    const waits = await load(contender, count, () => state.asked++)
    await contender.close()
    for (const target of targets) await target.close()
    const [first, second] = state.calls
    p99[title] = quantile(waits, 0.99)
    const bare = p99[title.replace(/hedge .*/, 'no hedge')] as number
    rows[title] = {
      'p50 ms': Math.round(quantile(waits, 0.5)),
      'p95 ms': Math.round(quantile(waits, 0.95)),
      'p99 ms': Math.round(p99[title]),
      'p99 ×': round(p99[title] / bare),
      'calls of the first, per request': round(first / count),
      'extra calls, %': round(((first + second - count) / count) * 100),
    }
  }
  console.table(rows)
}

async function load(contender: Contender, count: number, asked: () => number): Promise<readonly number[]> {
  const waits: number[] = []
  const caller = async (): Promise<void> => {
    while (asked() < count) {
      const began = performance.now()
      const { done } = await contender.ask()
      waits.push(performance.now() - began)
      await done
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  return waits.sort((one, other) => one - other)
}

const contenders: Readonly<
  Record<Setting['through'], (targets: readonly Simulator[], hedge?: HedgeOptions, ms?: number) => Promise<Contender>>
> = {
  async library(targets, hedge, firstTokenMs) {
    const providers = targets.map(({ baseURL, apiKey }, at) =>
      createOpenAICompatible({ id: at === 0 ? 'first' : 'second', baseURL, apiKey }),
    )
    const chain = createChain({
      id: 'chain',
      targets: providers.map(provider => ({ provider, model: 'gpt-sim' })),
      timeouts: { firstTokenMs },
      performance: createPerformance(),
      ...(hedge && { hedge: hedging(hedge) }),
    })
    return {
      async ask() {
        const stream = await chain.sendMessage({ messages })
        return { done: stream.response().then(() => undefined) }
      },
      async close() {
        await chain.dispose()
        for (const provider of providers) await provider.dispose()
      },
    }
  },
  async gateway(targets, hedge, firstTokenMs) {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-benchmark-'))
    const file = join(folder, 'switchyard.yaml')
    const providers = targets.map(
      ({ baseURL, apiKey }, at) => `  p${at}: { type: openai-compatible, baseURL: "${baseURL}", apiKey: ${apiKey} }`,
    )
    const chain = [
      '    targets: [p0/gpt-sim, p1/gpt-sim]',
      `    timeouts: { firstToken: ${firstTokenMs}ms }`,
      ...(hedge === undefined ? [] : [`    hedge: { percentile: ${hedge.percentile} }`]),
    ]
    await writeFile(file, ['providers:', ...providers, 'chains:', '  fast:', ...chain, ''].join('\n'))
    const port = await freePort()
    const main = fileURLToPath(new URL('../apps/gateway/dist/main.js', import.meta.url))
    const { child, address } = await listening([main, '--config', file, '--port', String(port)], port, '/readyz')
    const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'none', maxRetries: 0 })
    return {
      async ask() {
        const stream = await client.chat.completions.create({ model: 'fast', messages, stream: true })
        const chunks = stream[Symbol.asyncIterator]()
        const text = async (): Promise<boolean> => {
          const { value, done } = await chunks.next()
          return done === true || value.choices[0]?.delta.content ? true : text()
        }
        await text()
        const rest = async (): Promise<void> => {
          while ((await chunks.next()).done !== true) {
            // to the end
          }
        }
        return { done: rest() }
      },
      async close() {
        await stop(child)
        await rm(folder, { recursive: true })
      },
    }
  },
}

/** The same for everyone: the nth call of a target is as slow in every run. */
function slowness(call: number): number {
  const random = (salt: number): number => {
    const value = Math.sin((call + 1) * 12.9898 + salt * 78.233) * 43_758.5453
    return value - Math.floor(value)
  }
  return random(1) < 0.04 ? 800 + 1_200 * random(2) : 40 - 20 * Math.log(1 - random(3))
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

console.log(`\nfour in a hundred first tokens come after 0.8 to 2 s, the others after some 60 ms; ${atOnce} at once`)
await measured('tail', requests, ({ calls }) => [{ type: 'slow-first-event', ms: slowness(calls) }])

console.log('\nthe first target is silent from the 200th request on, and given up after 2 s')
await measured('outage', 600, ({ place, asked, calls }) =>
  place === 0 && asked >= 200 ? [{ type: 'silence' }] : [{ type: 'slow-first-event', ms: 40 + (calls % 40) }],
)
