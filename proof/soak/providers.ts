import type { MessageRequest } from '@switchyard/core'
import { type Fault, type SimulatedApiName, type Simulator, startSimulator } from '@switchyard/simulator'
import { between, seededRandom, weighted } from '../fleet/seeded-choice.ts'

/** Three simulated providers that say the same to the same prompt, and break in every way while they are told to. */
export interface Providers extends AsyncDisposable {
  readonly alpha: Simulator
  readonly beta: Simulator
  readonly gamma: Simulator
  /** Whether anything goes wrong. */
  faulty: boolean
}

/** What every provider says to this prompt; `otherwise`, what it says where it says something else. */
export function answerTo(prompt: string, otherwise = false): string {
  const random = seededRandom(prompt, String(otherwise))
  const length = prompt.includes('at length') ? 6_000 : between(random, 20, 70)
  return Array.from({ length }, () => between(random, 1, 99_999).toString(36)).join(' ')
}

export async function startProviders(seed: string): Promise<Providers> {
  const state = { faulty: true }
  const start = (name: string, api: SimulatedApiName) => {
    let count = 0
    return startSimulator({
      api,
      anyModel: true,
      logLimit: 10,
      logBodies: false,
      reply: request => ({ type: 'answer', text: answerTo(promptOf(request)) }),
      faults: ({ body }) => {
        const random = seededRandom(seed, name, count++)
        const drip: Fault = { type: 'drip', ms: between(random, 0, 8) }
        const faults = state.faulty ? faultsOf(random, drip, promptOf(body as MessageRequest)) : []
        return faults.some(({ type }) => type === 'prefill')
          ? faults
          : [...faults, { type: 'prefill', behaviour: 'continued' }]
      },
    })
  }
  const alpha = await start('alpha', 'openai')
  const beta = await start('beta', 'anthropic')
  const gamma = await start('gamma', 'ollama')
  return Object.assign(state, {
    alpha,
    beta,
    gamma,
    async [Symbol.asyncDispose]() {
      for (const simulator of [alpha, beta, gamma]) await simulator.close()
    },
  })
}

function faultsOf(random: () => number, drip: Fault, prompt: string): readonly Fault[] {
  const atEvent = between(random, 0, 40)
  // a long answer drips for ever
  const pace = prompt.includes('at length') ? [] : [drip]
  return weighted<readonly Fault[]>(random, [
    [50, pace],
    [6, [{ type: 'slow', ms: between(random, 50, 700) }, ...pace]],
    [4, [{ type: 'slow-first-event', ms: between(random, 50, 1_500) }, ...pace]],
    [4, [{ type: 'status', status: 503 }]],
    [2, [{ type: 'status', kind: 'rate-limit', retryAfter: 1 }]],
    [2, [{ type: 'status', kind: 'context-length' }]],
    [8, [{ type: 'cut', atEvent }, ...pace]],
    [5, [{ type: 'reset', atByte: atEvent * 100 }, ...pace]],
    [4, [{ type: 'stall', atEvent }, ...pace]],
    [2, [{ type: 'reset' }]],
    [2, [{ type: 'silence' }]],
    [2, [{ type: 'no-finish' }, ...pace]],
    [2, [{ type: 'malformed-event', atEvent }, ...pace]],
    [3, [{ type: 'error-event', atEvent, kind: 'overloaded' }, ...pace]],
    [3, [{ type: 'prefill', behaviour: 'refused' }, ...pace]],
    [3, [{ type: 'prefill', behaviour: 'ignored' }, ...pace]],
    [3, [{ type: 'other-text', text: answerTo(prompt, true) }, ...pace]],
  ])
}

function promptOf({ messages }: MessageRequest): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? ''
  if (typeof content === 'string') return content
  return content.map(part => (part.type === 'text' ? part.text : '')).join('')
}
