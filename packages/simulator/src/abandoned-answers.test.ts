import { expect, test } from 'vitest'
import type { Fault } from './fault.ts'
import { startSimulator } from './simulator.ts'
import type { Simulator } from './simulator-contract.ts'

const words = Array.from({ length: 2_000 }, (_, index) => ` word${index}`).join('')

interface Asked {
  readonly stream: boolean
  readonly faults: readonly Fault[]
  /** Milliseconds after its request has come in at which the client goes away. */
  readonly leaves?: number
}

async function ask(simulator: Simulator, { stream, faults, leaves }: Asked): Promise<void> {
  const client = new AbortController()
  const answer = fetch(`${simulator.baseURL}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${simulator.apiKey}`,
      'x-simulate': JSON.stringify(faults),
    },
    body: JSON.stringify({ model: 'gpt-sim', stream, messages: [{ role: 'user', content: 'Speak.' }] }),
    signal: client.signal,
  })
  if (leaves !== undefined) {
    await simulator.waitForRequests(1)
    setTimeout(() => client.abort(), leaves)
  }
  await answer.then(response => response.text()).catch(() => undefined)
  await simulator.waitForIdle()
}

async function billOf(asked: Asked) {
  await using simulator = await startSimulator({ reply: words })
  await ask(simulator, asked)
  return simulator.bill.entries[0]
}

const whole = (await billOf({ stream: false, faults: [] }))?.outputTokens as number

test('a stream that the provider cuts is billed as far as it was made, and is not complete', async () => {
  const entry = await billOf({ stream: true, faults: [{ type: 'cut', atEvent: 11 }] })
  expect(entry).toMatchObject({ state: 'aborted', outputTokens: 10 })
})

test('a whole answer whose client leaves is billed for the part that was made by then', async () => {
  const entry = await billOf({ stream: false, faults: [{ type: 'slow', ms: 600_000 }], leaves: 20 })
  expect(entry).toMatchObject({ state: 'aborted', outputTokens: 0 })
  const later = await billOf({ stream: false, faults: [{ type: 'slow', ms: 20_000 }], leaves: 200 })
  expect(later?.state).toBe('aborted')
  expect(later?.outputTokens).toBeGreaterThan(0)
  expect(later?.outputTokens).toBeLessThan(whole)
})

test.each<Asked>([
  { stream: true, faults: [{ type: 'cut', atEvent: 11 }] },
  { stream: true, faults: [{ type: 'reset', atByte: 300 }] },
  { stream: true, faults: [{ type: 'reset' }] },
  { stream: true, faults: [{ type: 'silence' }], leaves: 20 },
  { stream: true, faults: [{ type: 'stall', atEvent: 3 }], leaves: 500 },
  { stream: false, faults: [{ type: 'slow', ms: 600_000 }], leaves: 20 },
])('one that keeps generating bills the whole answer: $faults', async asked => {
  const entry = await billOf({ ...asked, faults: [...asked.faults, { type: 'keeps-generating' }] })
  expect(entry).toMatchObject({ state: 'aborted', outputTokens: whole })
  const some = await billOf({ ...asked, faults: [...asked.faults, { type: 'keeps-generating', tokens: 2 }] })
  const without = await billOf(asked)
  expect(some?.outputTokens).toBe((without?.outputTokens ?? 0) + 2)
})

test('a provider that keeps generating bills a whole answer once', async () => {
  const entry = await billOf({ stream: true, faults: [{ type: 'keeps-generating' }] })
  expect(entry).toMatchObject({ state: 'complete', outputTokens: whole })
})

test('what goes wrong can be told by what a request says', async () => {
  await using simulator = await startSimulator({
    reply: words,
    faults: ({ body, path }) =>
      path.endsWith('/chat/completions') && JSON.stringify(body).includes('Speak') ? [{ type: 'cut', atEvent: 2 }] : [],
  })
  await ask(simulator, { stream: true, faults: [] })
  expect(simulator.bill.entries[0]).toMatchObject({ state: 'aborted', outputTokens: 1 })
})
