// In process, without a network: what the engine adds to a call and to a chunk, and what a breaker costs.
import {
  CircuitBreaker,
  createChain,
  type IAIProvider,
  type MessageChunk,
  messageStream,
  modelCapabilities,
} from '@switchyard/core'

const capabilities = modelCapabilities({ dialect: 'none', reasoning: false })
const opening: MessageChunk[] = [
  { type: 'start', model: 'fake/model' },
  { type: 'text-start', id: 0 },
]
const delta: MessageChunk[] = [{ type: 'text-delta', id: 0, text: 'word ' }]
const ending: MessageChunk[] = [
  { type: 'text-end', id: 0, complete: true },
  { type: 'finish', reason: 'stop' },
]

/** A provider whose wire is memory: each delta is a read of its own, the worst case for whoever sits in between. */
function fake(deltas: number): IAIProvider {
  return {
    contract: 1,
    id: 'fake',
    initialize: async () => undefined,
    async sendMessage() {
      let reads = 0
      return messageStream({
        async read() {
          reads++
          return reads === 1 ? opening : reads <= deltas + 1 ? delta : ending
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

const request = { model: 'model', messages: [{ role: 'user' as const, content: 'Hello?' }] }

async function microsecondsPerCall(provider: IAIProvider, asked: typeof request, calls: number): Promise<number> {
  const began = performance.now()
  for (let call = 0; call < calls; call++) {
    for await (const _ of await provider.sendMessage(asked)) {
      // read to the end
    }
  }
  return ((performance.now() - began) / calls) * 1_000
}

async function added(deltas: number, calls: number): Promise<number> {
  const provider = fake(deltas)
  const chain = createChain({ id: 'model', targets: [{ provider, model: 'model' }] })
  const differences: number[] = []
  for (let round = 0; round < 7; round++) {
    const bare = await microsecondsPerCall(provider, request, calls)
    const chained = await microsecondsPerCall(chain, request, calls)
    if (round > 1) differences.push(chained - bare)
  }
  return differences.sort((one, other) => one - other)[2] as number
}

function breaker(): number {
  const circuit = new CircuitBreaker({}, Math.random)
  const calls = 2_000_000
  const outcome = { type: 'success' } as const
  const rounds: number[] = []
  for (let round = 0; round < 5; round++) {
    const began = performance.now()
    for (let call = 0; call < calls; call++) {
      const permit = circuit.admit(call)
      if (permit.admitted) permit.settle(call + 1, outcome)
    }
    rounds.push(((performance.now() - began) / calls) * 1e6)
  }
  return rounds.sort((one, other) => one - other)[2] as number
}

const call = await added(1, 20_000)
const long = await added(2_000, 100)
console.table({
  'added to a call, µs': { measured: round(call), 'to reach': 10 },
  'added to a chunk, µs': { measured: round((long - call) / 2_000), 'to reach': 0.3 },
  'admit and settle, ns': { measured: round(breaker()), 'to reach': 120 },
})

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
