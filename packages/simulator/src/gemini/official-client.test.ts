import {
  type Content,
  FinishReason,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
} from '@google/genai'
import { afterEach, describe, expect, it } from 'vitest'
import type { ScriptEntry } from '../fault.ts'
import { startSimulator } from '../simulator.ts'
import type { Simulator, SimulatorOptions } from '../simulator-contract.ts'

let simulator: Simulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

async function start(options: SimulatorOptions = {}, ...script: readonly ScriptEntry[]) {
  simulator = await startSimulator({ api: 'gemini', ...options })
  simulator.script(...script)
  const { baseURL, apiKey } = simulator
  const { models } = new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl: baseURL } })
  return { to: simulator, models }
}

const user = (text: string): Content => ({ role: 'user', parts: [{ text }] })
function asking(text: string, config: GenerateContentParameters['config'] = {}): GenerateContentParameters {
  return { model: 'gemini-sim', contents: [user(text)], config: { automaticContinuation: false, ...config } }
}

async function streamed(answer: Promise<AsyncGenerator<GenerateContentResponse>>) {
  const events: GenerateContentResponse[] = []
  for await (const event of await answer) events.push(event)
  const parts = events.flatMap(event => event.candidates?.[0]?.content?.parts ?? [])
  return { events, parts, text: parts.map(part => (part.thought ? '' : (part.text ?? ''))).join('') }
}

const weather = {
  functionDeclarations: [
    {
      name: 'get_weather',
      parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
}

describe('answers', () => {
  it('are the same streamed as whole, and say that they are simulated', async () => {
    const { models } = await start()
    const whole = await models.generateContent(asking('Hi'))
    const { events, text } = await streamed(models.generateContentStream(asking('Hi')))
    expect(whole.text).toBe('This is a simulated answer from gemini-sim. You said: Hi')
    expect(text).toBe(whole.text)
    expect(events.at(-1)?.usageMetadata).toEqual(whole.usageMetadata)
    expect(whole).toMatchObject({ modelVersion: 'gemini-sim', candidates: [{ finishReason: 'STOP', index: 0 }] })
    expect(events.at(-1)?.responseId).toBe(whole.responseId)
  })

  it('count what the bill counts', async () => {
    const { models, to } = await start({}, [{ type: 'answer', text: 'one two three', cachedTokens: 2 }])
    const config = { thinkingConfig: { thinkingLevel: 'LOW' as never } }
    const { usageMetadata } = await models.generateContent(asking('How much is it?', config))
    await to.waitForIdle()
    const [billed] = to.bill.entries
    expect(usageMetadata).toMatchObject({
      promptTokenCount: billed?.inputTokens,
      cachedContentTokenCount: 2,
      candidatesTokenCount: 3,
      thoughtsTokenCount: 16,
      totalTokenCount: (billed?.inputTokens ?? 0) + 19,
    })
    expect(billed).toMatchObject({ outputTokens: 19, reasoningTokens: 16 })
  })

  it('show what is thought when they are asked to', async () => {
    const { models } = await start()
    const config = { thinkingConfig: { thinkingLevel: 'MINIMAL' as never, includeThoughts: true } }
    const { parts, events } = await streamed(models.generateContentStream(asking('Hi', config)))
    expect(
      parts
        .filter(part => part.thought)
        .map(part => part.text)
        .join(''),
    ).toContain('I am asked: Hi')
    expect(parts.at(-1)).toEqual({ text: '', thoughtSignature: expect.any(String) })
    expect(events.at(-1)?.usageMetadata?.thoughtsTokenCount).toBe(8)
    const whole = await models.generateContent(asking('Hi', config))
    expect(whole.candidates?.[0]?.content?.parts).toMatchObject([{ thought: true }, {}, { text: '' }])
  })

  it('call functions and go on from their responses, with signatures that are sent back', async () => {
    const { models } = await start()
    const first = asking('Weather in Oslo and Rome?', { tools: [weather] })
    const called = await models.generateContent(first)
    const { parts } = await streamed(models.generateContentStream(first))
    expect(parts.slice(0, 2)).toEqual(called.candidates?.[0]?.content?.parts)
    expect(called.functionCalls?.map(call => call.args)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }])
    expect(parts.slice(0, 2).map(part => part.thoughtSignature !== undefined)).toEqual([true, false])
    const responses = (called.functionCalls ?? []).map(({ id, name }) => ({
      functionResponse: { ...(id && { id }), ...(name && { name }), response: { output: '7 degrees' } },
    }))
    const model = called.candidates?.[0]?.content as Content
    const contents: Content[] = [user('Weather in Oslo and Rome?'), model, { role: 'user', parts: responses }]
    const { text } = await models.generateContent({ ...first, contents })
    expect(text).toContain('7 degrees; 7 degrees')
  })

  it('are instances of the schema', async () => {
    const { models } = await start()
    const responseJsonSchema = { type: 'object', properties: { name: { type: 'string' } } }
    const config = { responseMimeType: 'application/json', responseJsonSchema }
    expect((await models.generateContent(asking('Hi', config))).text).toBe('{"name":"simulated"}')
    expect(
      JSON.parse((await models.generateContent(asking('Hi', { responseMimeType: 'application/json' }))).text ?? ''),
    ).toMatchObject({ simulated: true })
  })

  it('end as the script says, in the words of the wire', async () => {
    const { models } = await start()
    const ending = async (answer: ScriptEntry) => {
      simulator?.script(answer)
      return (await models.generateContent(asking('Hi'))).candidates?.[0]
    }
    expect(await ending({ type: 'answer', text: 'a', ending: 'content-filter' })).toMatchObject({
      finishReason: FinishReason.SAFETY,
      safetyRatings: [{ blocked: true }],
    })
    expect((await ending({ type: 'answer', text: 'a', ending: 'pause' }))?.continuationToken).toMatch(/^token-/)
    expect(await ending({ type: 'answer', text: 'a', finishReason: 'SPII' })).toMatchObject({ finishReason: 'SPII' })
    expect(await ending({ type: 'answer', text: '', ending: 'content-filter' })).not.toHaveProperty('content')
    expect(await ending({ type: 'answer', toolCalls: [{ name: 'f', arguments: '{"a' }] })).toMatchObject({
      finishReason: FinishReason.MALFORMED_FUNCTION_CALL,
    })
  })

  it('keep to the output cap, and lose a call that it cuts', async () => {
    const { models } = await start()
    simulator?.script('one two three', [
      { type: 'answer', toolCalls: [{ name: 'f', arguments: { a: 'long '.repeat(9) } }] },
    ])
    const cut = await models.generateContent(asking('Hi', { maxOutputTokens: 2 }))
    expect(cut.candidates?.[0]).toMatchObject({
      finishReason: 'MAX_TOKENS',
      content: { parts: [{ text: 'one two' }] },
    })
    expect(cut.candidates?.[0]?.content?.parts?.[0]).not.toHaveProperty('thoughtSignature')
    const lost = await models.generateContent(asking('Hi', { maxOutputTokens: 5 }))
    expect(lost.candidates?.[0]).toEqual({ finishReason: 'MAX_TOKENS', index: 0 })
  })

  it('may be several', async () => {
    const { models } = await start({}, [
      { type: 'answer', text: 'one', otherChoices: [{ type: 'answer', text: 'two' }] },
      { type: 'answer', text: 'one', otherChoices: [{ type: 'answer', text: 'two' }] },
    ])
    const { candidates } = await models.generateContent(asking('Hi', { candidateCount: 2 }))
    expect(candidates?.map(({ content }) => content?.parts?.[0]?.text)).toEqual(['one', 'two'])
  })

  it('are none where the prompt is blocked', async () => {
    const blocked: ScriptEntry = { type: 'answer', text: '', finishReason: 'blockReason:PROHIBITED_CONTENT' }
    const { models } = await start({}, blocked, blocked)
    const whole = await models.generateContent(asking('Hi'))
    expect(whole.candidates).toBeUndefined()
    expect(whole.promptFeedback).toEqual({ blockReason: 'PROHIBITED_CONTENT' })
    const { events } = await streamed(models.generateContentStream(asking('Hi')))
    expect(events.map(event => event.promptFeedback?.blockReason)).toEqual(['PROHIBITED_CONTENT'])
  })
})

describe('beside answers', () => {
  it('tokens are counted as answers are billed', async () => {
    const { models, to } = await start()
    const { totalTokens } = await models.countTokens({ model: 'gemini-sim', contents: [user('How long is it?')] })
    await models.generateContent(asking('How long is it?'))
    await to.waitForIdle()
    expect(totalTokens).toBe(to.bill.entries[0]?.inputTokens)
  })

  it('texts become vectors of the length asked for', async () => {
    const { models } = await start()
    const model = 'gemini-embedding-sim'
    const { embeddings } = await models.embedContent({
      model,
      contents: ['a', 'b'],
      config: { outputDimensionality: 8 },
    })
    expect(embeddings?.map(({ values }) => values?.length)).toEqual([8, 8])
    const [whole] = (await models.embedContent({ model, contents: ['a'] })).embeddings ?? []
    expect(whole?.values).toHaveLength(3_072)
  })

  it('models are listed page by page, and each is told', async () => {
    const { models, to } = await start()
    const listed: (string | undefined)[] = []
    for await (const model of await models.list({ config: { pageSize: 2 } })) listed.push(model.name)
    expect(listed).toHaveLength(6)
    expect(to.requestCount).toBe(3)
    expect(await models.get({ model: 'gemini-sim-small' })).toMatchObject({
      name: 'models/gemini-sim-small',
      inputTokenLimit: 8_192,
      outputTokenLimit: 1_024,
    })
    await expect(models.get({ model: 'nope' })).rejects.toMatchObject({ status: 404 })
  })
})

describe('errors', () => {
  it('are those that the client knows', async () => {
    const { models, to } = await start({}, { type: 'status', kind: 'overloaded' }, { type: 'error-event', atEvent: 1 })
    await expect(models.generateContent(asking('Hi'))).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('UNAVAILABLE'),
    })
    await expect(streamed(models.generateContentStream(asking('Hi')))).rejects.toMatchObject({ name: 'ApiError' })
    const stranger = new GoogleGenAI({ apiKey: 'wrong', vertexai: false, httpOptions: { baseUrl: to.baseURL } })
    await expect(stranger.models.generateContent(asking('Hi'))).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('API_KEY_INVALID'),
    })
  })
})
