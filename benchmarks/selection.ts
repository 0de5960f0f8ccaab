// What it costs to choose among twenty targets, and to explain the choice. In process, without a network.
import {
  type ChainOptions,
  createChain,
  type IAIProvider,
  type MessageChunk,
  messageStream,
  modelCapabilities,
  type Pricing,
} from '@switchyard/core'
import { createPerformance, leastBusy, lowestCost, lowestLatency, weighted } from '@switchyard/core/routing'

const capabilities = modelCapabilities({ dialect: 'none', reasoning: false, contextWindow: 128_000 })
const answer: MessageChunk[] = [
  { type: 'start', model: 'fake/model' },
  { type: 'text-start', id: 0 },
  { type: 'text-delta', id: 0, text: 'word ' },
  { type: 'text-end', id: 0, complete: true },
  { type: 'finish', reason: 'stop' },
]

function fake(id: string): IAIProvider {
  return {
    contract: 1,
    id,
    initialize: async () => undefined,
    async sendMessage() {
      let sent = false
      return messageStream({
        async read() {
          if (sent) return undefined
          sent = true
          return answer
        },
        cancel: () => undefined,
      })
    },
    getCapabilities: () => capabilities,
    getModels: async () => [],
    dispose: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

const pricing: Pick<Pricing, 'estimate'> = {
  estimate: (_, target) => {
    const expected = BigInt(target.length) * 1_000_000n
    const tokens = { inputTokens: { expected: 20 }, outputTokens: { expected: 500 } }
    return { expected, bound: expected * 4n, unbounded: [], ...tokens }
  },
}

const request = { messages: [{ role: 'user' as const, content: 'Hello?' }], cacheKey: 'one' }
const providers = Array.from({ length: 20 }, (_, at) => fake(`p${at}`))
const when = { maxInputTokens: 100_000, maxCost: '1 USD' }

function chainOf(options: Partial<ChainOptions>, conditions = false) {
  return createChain({
    id: 'chain',
    targets: providers.map((provider, at) => ({ provider, model: 'm', weight: at + 1, ...(conditions && { when }) })),
    ...options,
  })
}

async function send(chain: IAIProvider): Promise<void> {
  for await (const _ of await chain.sendMessage(request)) {
    // read to the end
  }
}

const times = 20

async function round(work: () => unknown): Promise<number> {
  const began = performance.now()
  for (let time = 0; time < times; time++) {
    const done = work()
    if (done instanceof Promise) await done
  }
  return ((performance.now() - began) / times) * 1_000
}

/** Microseconds of `work` beyond those of `without`, side by side: the median of many short rounds. */
async function microseconds(work: () => unknown, without: () => unknown = () => undefined): Promise<number> {
  const rounds: number[] = []
  for (let at = 0; at < 600; at++) rounds.push((await round(work)) - (await round(without)))
  const median = rounds.slice(100).sort((one, other) => one - other)[250] as number
  return Math.round(median * 10) / 10
}

const seen = () => createPerformance()
const kinds: Readonly<Record<string, () => ReturnType<typeof chainOf>>> = {
  'in the listed order': () => chainOf({}),
  'in the listed order, sticky': () => chainOf({ sticky: true }),
  'with conditions on length and cost': () => chainOf({ pricing }, true),
  'by weight': () => chainOf({ select: weighted() }),
  'by latency': () => chainOf({ select: lowestLatency({ explore: 0.2 }), performance: seen() }),
  'by cost': () => chainOf({ select: lowestCost(), pricing }),
  'by what is on its way': () => chainOf({ select: leastBusy(), performance: seen() }),
  'by latency, with prices': () => chainOf({ select: lowestLatency({ explore: 0.2 }), performance: seen(), pricing }),
}

const alone = createChain({ id: 'alone', targets: [{ provider: fake('p'), model: 'm' }] })
const rows: Record<string, Record<string, number>> = {}
for (const [name, build] of Object.entries(kinds)) {
  const chain = build()
  // until it is known how targets do
  for (let call = 0; call < 2_000; call++) await send(chain)
  rows[name] = {
    'added to a call, µs': await microseconds(
      () => send(chain),
      () => send(alone),
    ),
    'explain, µs': await microseconds(() => chain.explain(request)),
  }
}
console.log('twenty targets beside one; explain is to stay under 50 µs')
console.table(rows)
