import type { IAIProvider, MessageRequest } from '@switchyard/core/contract'
import { type ScriptEntry, type SimulatedApiName, startSimulator } from '@switchyard/simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProvider as createGroq, groq } from './groq/index.ts'
import type { PresetOptions } from './preset.ts'
import { json, serve } from './server.fixture.ts'
import { createProvider as createXai, xai } from './xai/index.ts'

const presets = { xai, groq } as const
const question: MessageRequest = { messages: [{ role: 'user', content: 'Weather in Oslo and Rome?' }] }
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

async function start(api: SimulatedApiName & keyof typeof presets, ...script: readonly ScriptEntry[]) {
  const simulator = await startSimulator({ api })
  onTestFinished(() => simulator.close())
  simulator.script(...script)
  const provide = (options: Partial<PresetOptions> = {}): IAIProvider => {
    const { baseURL, apiKey, models } = simulator
    const provider = presets[api]({ baseURL, apiKey, model: models.usual, ...options })
    onTestFinished(() => provider.dispose())
    return provider
  }
  return { simulator, provide, provider: provide() }
}

const answerTo = async (provider: IAIProvider, more: Partial<MessageRequest> = {}, strict = false) =>
  (await provider.sendMessage({ ...question, ...more }, { strict })).response()

describe('both presets', () => {
  it('are named and need their own key', () => {
    for (const [preset, id, variable] of [
      [xai, 'xai', 'XAI_API_KEY'],
      [groq, 'groq', 'GROQ_API_KEY'],
    ] as const) {
      expect(preset({ apiKey: 'k' }).id).toBe(id)
      expect(preset({ apiKey: 'k', id: 'mine' }).id).toBe('mine')
      for (const apiKey of ['', ' ', undefined as unknown as string]) {
        expect(() => preset({ apiKey })).toThrow(new RegExp(`Provider "${id}" has no API key.*${variable}`))
      }
    }
    expect([createXai, createGroq]).toEqual([xai, groq])
  })

  it('take undefined for an option that says nothing', () => {
    expect(xai({ apiKey: 'k', id: undefined, baseURL: undefined } as unknown as PresetOptions).id).toBe('xai')
  })

  it('send the cap in the new word, and no earlier reasoning', async () => {
    for (const api of ['xai', 'groq'] as const) {
      const { simulator, provider } = await start(api)
      const first = await answerTo(provider, { model: simulator.models.reasoning as string })
      expect(first.content[0]).toMatchObject({ type: 'reasoning' })
      const messages: MessageRequest['messages'] = [
        ...question.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: 'And in Rome?' },
      ]
      await answerTo(provider, { messages, maxOutputTokens: 9 })
      const body = simulator.requests.at(-1)?.body as Record<string, unknown>
      expect(body.max_completion_tokens).toBe(9)
      const said = first.content.find(part => part.type === 'text')?.text
      expect((body.messages as object[])[1]).toEqual({ role: 'assistant', content: said })
    }
  })

  it('read calls that come whole', async () => {
    for (const api of ['xai', 'groq'] as const) {
      const { provider } = await start(api)
      const answer = await answerTo(provider, { tools: [{ name: 'get_weather', parameters }] })
      expect(answer.content.filter(part => part.type === 'tool-call').map(({ input }) => input)).toEqual([
        { city: 'Oslo' },
        { city: 'Rome' },
      ])
      expect(answer.reason).toBe('tool-calls')
    }
  })

  it('have no vectors', async () => {
    for (const api of ['xai', 'groq'] as const) {
      const { provider } = await start(api)
      expect(provider.embed).toBeUndefined()
    }
  })
})

describe('xAI', () => {
  it('counts what is thought beside what is said, streamed or not', async () => {
    const { simulator, provider } = await start('xai')
    for (const stream of [true, false]) {
      const { usage } = await answerTo(provider, { model: simulator.models.reasoning as string, stream })
      await simulator.waitForIdle()
      const billed = simulator.bill.entries.at(-1)
      expect(usage?.output.reasoning).toBe(64)
      expect((usage?.output.text ?? 0) + 64).toBe(billed?.outputTokens)
    }
  })

  it('counts it beside also where no total tells', async () => {
    const { url } = await serve((_, response) => {
      const usage = { prompt_tokens: 5, completion_tokens: 2, completion_tokens_details: { reasoning_tokens: 7 } }
      const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }]
      json(response, { id: 'c1', object: 'chat.completion', created: 1, model: 'm', choices, usage })
    })
    const provider = xai({ apiKey: 'k', baseURL: url })
    onTestFinished(() => provider.dispose())
    const { usage } = await answerTo(provider, { model: 'm', stream: false })
    expect(usage?.output).toEqual({ text: 2, reasoning: 7 })
  })

  it('takes a wrong key for one, though the status is 400', async () => {
    const { provide } = await start('xai')
    const wrong = provide({ apiKey: 'xai-not-the-key' })
    await expect(wrong.initialize({ verify: true })).rejects.toMatchObject({ kind: 'authentication', status: 400 })
  })

  it.each([
    ['permission', 403],
    ['quota', 403],
    ['not-found', 404],
    ['rate-limit', 429],
    ['context-length', 400],
    ['content-filter', 403],
    ['overloaded', 503],
  ] as const)('says %s in its own words', async (kind, status) => {
    const { provider } = await start('xai', { type: 'status', kind })
    await expect(provider.sendMessage(question)).rejects.toMatchObject({ kind, status })
  })

  it('is sent no penalties and no stop sequences, unless somebody knows better', async () => {
    const { simulator, provider, provide } = await start('xai')
    const asked = { stop: ['END'], frequencyPenalty: 1, presencePenalty: 1 }
    const answer = await answerTo(provider, asked)
    expect(answer.warnings?.map(({ setting }) => setting)).toEqual(['frequencyPenalty', 'presencePenalty', 'stop'])
    await expect(answerTo(provider, asked, true)).rejects.toMatchObject({ kind: 'unsupported' })
    const told = await answerTo(provide({ capabilities: { stop: true } }), { stop: ['END'] })
    expect(told.warnings ?? []).toEqual([])
    expect(simulator.requests.at(-1)?.body).toMatchObject({ stop: ['END'] })
  })
})

describe('Groq', () => {
  it('breaks off with an error in an event that looks well', async () => {
    const { provider } = await start('groq', { type: 'error-event', atEvent: 3, shape: 'field', code: 'over_capacity' })
    await expect(answerTo(provider)).rejects.toMatchObject({ kind: 'overloaded', provider: 'groq' })
  })

  it.each([
    ['capacity of the flex tier', { type: 'status', status: 498 }, 'overloaded'],
    ['more tokens than a minute allows', { type: 'status', status: 413 }, 'context-length'],
    [
      'tokens per minute used up',
      { type: 'status', status: 413, message: 'Limit of tokens per minute (TPM) reached', code: 'rate_limit_exceeded' },
      'rate-limit',
    ],
    ['a model that is gone', { type: 'status', status: 400, code: 'model_decommissioned' }, 'not-found'],
    ['a call that the model got wrong', { type: 'status', status: 400, code: 'tool_use_failed' }, 'protocol'],
    ['no capacity', { type: 'status', kind: 'overloaded' }, 'overloaded'],
  ] as const)('says %s in its own words', async (_, fault, kind) => {
    const { provider } = await start('groq', fault)
    await expect(provider.sendMessage(question)).rejects.toMatchObject({ kind })
  })

  it('is sent nothing that it answers with 400', async () => {
    const { simulator, provider } = await start('groq')
    const extra = { 'openai-chat': { logprobs: true, logit_bias: { 5: 1 }, n: 2 } }
    const messages = [{ role: 'user', name: 'ann', content: 'Hi' }] as const
    const answer = await answerTo(provider, { messages, cacheKey: 'a', extra })
    const settings = answer.warnings?.map(({ setting }) => setting)
    expect(settings).toEqual(['logprobs', 'logit_bias', 'n', 'cacheKey', 'messages[0].name'])
    expect(simulator.requests).toHaveLength(1)
  })

  it('tells context windows with its models', async () => {
    const { provider } = await start('groq')
    const models = await provider.getModels()
    expect(models.find(({ id }) => id === 'openai/groq-sim-oss')?.contextWindow).toBe(131_072)
  })
})
