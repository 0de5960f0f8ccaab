import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { breaks, longAnswer, longText, seenStream } from './testing/long-answer.ts'
import { startTwoTargets, type TwoTargets, wholeText } from './testing/two-targets.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let pair: TwoTargets
beforeAll(async () => {
  pair = await startTwoTargets({
    reply: longAnswer,
    secondReply: longAnswer,
    retry: '{ attempts: 1 }',
    timeouts: '{ connect: 5s, firstToken: 1s, idle: 600ms, total: 30s }',
    circuitBreaker: '{ minimumCalls: 1000 }',
    models: '{ second/prefills: { capabilities: { prefill: true } } }',
    chains: `
  prefilled: { targets: [first/model-a, second/prefills] }
  careful: { midStream: fail, targets: [first/model-a, second/model-b] }
  again: { retry: { attempts: 2, baseDelay: 1ms }, targets: [first/model-a] }
  three: { targets: [first/model-a, second/prefills, first/model-c] }
  outer: { targets: [inner, second/model-b] }
  inner: { targets: [first/model-a] }
  wrapped: { targets: [pair] }
  shown: { holdBack: { toolCalls: 0s }, targets: [first/model-a, second/model-b] }
  held: { holdBack: { text: 5s }, targets: [first/model-a, second/model-b] }`,
  })
})
afterAll(async () => {
  await pair[Symbol.asyncDispose]()
})
beforeEach(() => {
  pair.first.reset()
  pair.second.reset()
})

const whole = { text: longText, finishReason: 'stop', error: undefined }

describe.each(breaks)('after %s the caller gets the whole exact answer', (_, fault) => {
  beforeEach(() => pair.first.setFault(fault))

  test('from a target that makes it again', async () => {
    const seen = await seenStream(pair, { model: 'pair' })
    expect(seen).toMatchObject(whole)
    expect(seen.models.at(-1)).toBe('second/model-b')
    expect(pair.second.requestCount).toBe(1)
  })

  test.each(['continued', 'ignored', 'refused'] as const)('from a target whose prefill is %s', async behaviour => {
    pair.second.setFault({ type: 'prefill', behaviour })
    expect(await seenStream(pair, { model: 'prefilled' })).toMatchObject(whole)
    expect(pair.second.requestCount).toBeLessThanOrEqual(behaviour === 'refused' ? 2 : 1)
  })

  test('in one piece', async () => {
    expect(await wholeText(pair.client)).toBe(longText)
  })

  test('through chains in chains', async () => {
    expect(await seenStream(pair, { model: 'outer' })).toMatchObject(whole)
    expect(await seenStream(pair, { model: 'wrapped' })).toMatchObject(whole)
    expect(pair.second.requestCount).toBe(2)
  })
})

const cut = { type: 'cut', atEvent: 30 } as const

describe('a stream that breaks after its first text', () => {
  test('is gone on with where it was: what the second is asked ends with what was shown', async () => {
    pair.first.setFault(cut)
    pair.second.setFault({ type: 'prefill', behaviour: 'continued' })
    expect(await seenStream(pair, { model: 'prefilled' })).toMatchObject(whole)
    const body = pair.second.requests[0]?.body as { messages: { role: string; content: string }[] } | undefined
    const last = body?.messages.at(-1)
    expect(last?.role).toBe('assistant')
    expect(last?.content).toMatch(/\S$/)
    expect(longText.startsWith(last?.content as string)).toBe(true)
  })

  test('is gone on with by the same target, where that may be asked again', async () => {
    pair.first.script([longAnswer, cut])
    expect(await seenStream(pair, { model: 'again' })).toMatchObject(whole)
    expect(pair.first.requestCount).toBe(2)
  })

  test('may break a second time', async () => {
    pair.first.script([longAnswer, { type: 'cut', atEvent: 10 }])
    pair.second.setFault([
      { type: 'prefill', behaviour: 'continued' },
      { type: 'cut', atEvent: 20 },
    ])
    const seen = await seenStream(pair, { model: 'three' })
    expect(seen).toMatchObject(whole)
    expect(seen.models).toEqual(['first/model-a', 'second/prefills', 'first/model-c'])
  })

  test('ends with a clear error, and what was shown stays as it is, where nobody says the same', async () => {
    pair.first.setFault(cut)
    pair.second.setFault({ type: 'other-text', text: longText.replace('halb neun', 'halb zehn') })
    const seen = await seenStream(pair, { model: 'pair' })
    expect(longText.startsWith(seen.text)).toBe(true)
    expect(seen.text.length).toBeGreaterThan(50)
    expect(seen.finishReason).toBeUndefined()
    expect(seen.error).toBeInstanceOf(OpenAI.APIError)
    expect((seen.error as Error).message).toMatch(/other words/)
    expect(seen.error).toMatchObject({
      error: { attempts: [{ target: 'first/model-a', kind: 'truncated' }, { target: 'second/model-b' }] },
    })
    // whose words are of no use is not listened to any longer
    await pair.second.waitForIdle()
    expect(pair.second.bill.entries[0]?.state).not.toBe('open')
  })

  test('ends with an error where the chain says so', async () => {
    pair.first.setFault(cut)
    const seen = await seenStream(pair, { model: 'careful' })
    expect(longText.startsWith(seen.text)).toBe(true)
    expect(seen.error).toMatchObject({ code: 'truncated' })
    expect(pair.second.requestCount).toBe(0)
  })

  test('is made again unseen where it was held back', async () => {
    pair.first.setFault(cut)
    pair.second.setFault({ type: 'other-text', text: 'Something else entirely.' })
    expect(await seenStream(pair, { model: 'held' })).toMatchObject({
      text: 'Something else entirely.',
      finishReason: 'stop',
      models: ['second/model-b'],
    })
  })

  test('closes both connections when its caller leaves while it is gone on with', async () => {
    pair.first.setFault({ type: 'stall', atEvent: 30 })
    pair.second.setFault({ type: 'stall', atEvent: 5 })
    const leaving = new AbortController()
    const asked = seenStream(pair, { model: 'pair' }, { signal: leaving.signal })
    await pair.second.waitForRequests(1, 5_000)
    await sleep(50)
    leaving.abort()
    await asked
    await Promise.all([pair.first.waitForClose(0), pair.second.waitForClose(0)])
    await Promise.all([pair.first.waitForIdle(), pair.second.waitForIdle()])
  })
})

describe('a tool call that breaks off', () => {
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }]
  const call = {
    type: 'answer',
    toolCalls: [{ name: 'weather', arguments: { city: 'Köln am schönen Rhein' } }],
  } as const

  test('was held back, and is made by another', async () => {
    pair.first.script([call, { type: 'cut', atEvent: 4 }])
    pair.second.script(call)
    const { choices } = await pair.client.chat.completions
      .stream({ model: 'pair', messages: [{ role: 'user', content: 'Weather?' }], tools })
      .finalChatCompletion()
    const [made, ...others] = choices[0]?.message.tool_calls ?? []
    expect(others).toEqual([])
    expect(made?.type === 'function' && JSON.parse(made.function.arguments)).toEqual({ city: 'Köln am schönen Rhein' })
  })

  test.each([true, false])(
    'is made by another where the provider itself ended its arguments broken (stream: %s)',
    async stream => {
      pair.first.script({ type: 'answer', toolCalls: [{ name: 'weather', arguments: '{"city": "Kö' }] })
      pair.second.script(call)
      const body = { model: 'pair', messages: [{ role: 'user' as const, content: 'Weather?' }], tools }
      const { choices } = stream
        ? await pair.client.chat.completions.stream(body).finalChatCompletion()
        : await pair.client.chat.completions.create(body)
      const [made] = choices[0]?.message.tool_calls ?? []
      expect(made?.type === 'function' && JSON.parse(made.function.arguments)).toEqual({
        city: 'Köln am schönen Rhein',
      })
    },
  )

  test('ends with an error where its beginning was shown, and is never half of one and half of another', async () => {
    pair.first.script([call, { type: 'cut', atEvent: 4 }])
    pair.second.script(call)
    const { error, finishReason } = await seenStream(pair, { model: 'shown', tools })
    expect(error).toMatchObject({ code: 'truncated' })
    expect(finishReason).toBeUndefined()
    expect(pair.second.requestCount).toBe(0)
  })
})
