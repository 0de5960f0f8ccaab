// In process, without a network: what the engine adds to a call and to a chunk, what a breaker costs, and what
// it costs to remember how targets do.
import {
  type AttemptInfo,
  CircuitBreaker,
  createChain,
  type IAIProvider,
  type MessageChunk,
  messageStream,
  modelCapabilities,
} from '@switchyard/core'
import { createPerformance } from '@switchyard/core/routing'

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

function records(): number {
  const { step } = createPerformance()
  const info: AttemptInfo = {
    id: 'call.1',
    callId: 'call',
    requestId: 'request',
    chain: 'model',
    chains: ['model'],
    nested: false,
    target: 'fake/model',
    provider: 'fake',
    model: 'model',
    attempt: 1,
    operation: 'message',
    request,
    context: { task: 'chat' },
  }
  const usage = { input: { uncached: 5, cacheRead: 0, cacheWrite: {} }, output: { text: 100, reasoning: 0 } }
  const outcome = { type: 'completed', durationMs: 900, usage, pace: { longestSilenceMs: 30, pausedMs: 0 } } as const
  const calls = 200_000
  const rounds: number[] = []
  for (let round = 0; round < 5; round++) {
    const began = performance.now()
    for (let call = 0; call < calls; call++) {
      const permit = step.admit(info, call)
      if (permit instanceof Promise) throw new Error('Nothing here has to wait.')
      permit.firstToken?.(call + 300 + (call % 50))
      permit.settle(outcome, call + 900 + (call % 80))
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
  'records of an attempt, ns': { measured: round(records()), 'to reach': 1_000 },
})

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
