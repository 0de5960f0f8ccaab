import { deepEqual, equal, ok } from 'node:assert/strict'
import { type MessageRequest, responseText } from '@switchyard/core/contract'
import { topic } from '../conformance.ts'
import { answerTo, asking, failure, send, sentBody } from '../expectations.ts'

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 18 } },
  required: ['name', 'age'],
  additionalProperties: false,
}

export const contentChecks = topic('content', [
  [
    'system messages reach the server before the others',
    async bench => {
      await answerTo(bench, asking(bench, '', { messages: [{ role: 'system', content: 'Be brief.' }, user('Hi')] }))
      const [first] = sentBody(bench).messages as readonly { readonly role: string; readonly content: unknown }[]
      ok(first?.role === 'system' || first?.role === 'developer')
      ok(JSON.stringify(first.content).includes('Be brief.'))
    },
  ],
  [
    'a conversation keeps its order and its words',
    async bench => {
      const messages = [user('One'), { role: 'assistant' as const, content: 'Two' }, user('Three')]
      const answer = await answerTo(bench, asking(bench, '', { messages }))
      ok(responseText(answer).includes('You said: Three'))
      const sent = sentBody(bench).messages as readonly { readonly role: string }[]
      deepEqual(
        sent.map(message => message.role),
        ['user', 'assistant', 'user'],
      )
    },
  ],
  [
    'images go along, as bytes and by address',
    async bench => {
      for (const source of [
        { type: 'base64', mediaType: 'image/png', data: pixel },
        { type: 'url', url: 'https://example.com/a.png' },
      ] as const) {
        const content = [{ type: 'text', text: 'What is it?' } as const, { type: 'image', source } as const]
        const answer = await answerTo(bench, asking(bench, '', { messages: [{ role: 'user', content }] }))
        ok(responseText(answer).includes('1 attachment'), 'the image did not arrive')
        ok(JSON.stringify(sentBody(bench)).includes(source.type === 'url' ? source.url : source.data))
      }
    },
  ],
  [
    'JSON is asked for, and comes',
    async bench => {
      const answer = await answerTo(bench, asking(bench, 'Give me JSON.', { responseFormat: { type: 'json' } }))
      equal(JSON.parse(responseText(answer)).simulated, true)
    },
  ],
  [
    'an answer by a JSON Schema is an instance of it',
    async bench => {
      const responseFormat = { type: 'json-schema', name: 'person', schema, strict: true } as const
      for (const stream of [true, false]) {
        const answer = await answerTo(bench, asking(bench, 'Who?', { responseFormat, stream }))
        deepEqual(JSON.parse(responseText(answer)), { name: 'simulated', age: 18 })
      }
    },
  ],
  [
    'a schema that the server refuses is an invalid request',
    async bench => {
      const { additionalProperties: _, ...lax } = schema
      const responseFormat = { type: 'json-schema', name: 'person', schema: lax, strict: true } as const
      const error = await failure(send(bench, asking(bench, 'Who?', { responseFormat })), 'invalid-request')
      ok(error.message.includes('additionalProperties'), `the message does not say what is wrong: ${error.message}`)
    },
  ],
  [
    'a refusal is text that says so',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([{ type: 'answer', refusal: 'I will not.' }])
        const answer = await answerTo(bench, asking(bench, 'Hi', { stream }))
        const [part] = answer.content
        ok(part?.type === 'text' && part.refusal === true && part.text === 'I will not.')
        equal(answer.reason, 'refusal')
      }
    },
  ],
  [
    'an answer that the output cap cuts ends with length, its last block incomplete',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script('one two three four')
        const answer = await answerTo(bench, asking(bench, 'Count', { stream, maxOutputTokens: 2 }))
        equal(answer.reason, 'length')
        equal(responseText(answer), 'one two')
        const last = answer.content.at(-1)
        ok(last !== undefined && 'complete' in last && last.complete === false, 'the block claims to be complete')
      }
    },
  ],
  [
    'a content filter is told from a good end',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([{ type: 'answer', text: 'It is', finishReason: 'content_filter' }])
        const answer = await answerTo(bench, asking(bench, 'Hi', { stream }))
        equal(answer.reason, 'content-filter')
        equal(answer.rawReason, 'content_filter')
      }
    },
  ],
  [
    'settings reach the server under its names',
    async bench => {
      const settings: Partial<MessageRequest> = {
        temperature: 0.3,
        topP: 0.9,
        stop: ['END'],
        frequencyPenalty: 0.1,
        presencePenalty: -0.1,
        seed: 7,
        maxOutputTokens: 50,
      }
      const answer = await answerTo(bench, asking(bench, 'Hi', settings))
      const sent = sentBody(bench)
      const { temperature, top_p, frequency_penalty, presence_penalty, seed } = sent
      deepEqual([temperature, top_p, frequency_penalty, presence_penalty, seed], [0.3, 0.9, 0.1, -0.1, 7])
      equal(sent.max_completion_tokens ?? sent.max_tokens, 50)
      deepEqual([sent.stop].flat(), ['END'])
      deepEqual(answer.warnings ?? [], [])
    },
  ],
  [
    'a stop sequence ends the answer before it',
    async bench => {
      bench.simulator.script('one two three')
      const answer = await answerTo(bench, asking(bench, 'Count', { stop: [' three'] }))
      equal(responseText(answer), 'one two')
      ok(answer.reason === 'stop' || answer.reason === 'stop-sequence')
    },
  ],
  [
    'a setting that the model is known to refuse is dropped with a warning, and refused when strict',
    async ({ create, simulator }) => {
      const provider = await create({ facts: () => ({ capabilities: { temperature: false, reasoning: true } }) })
      const request: MessageRequest = { model: 'gpt-sim-reasoning', messages: [user('Hi')], temperature: 0.2 }
      for (const stream of [true, false]) {
        const answer = await (await provider.sendMessage({ ...request, stream })).response()
        deepEqual(
          answer.warnings?.map(warning => warning.setting),
          ['temperature'],
        )
      }
      const before = simulator.requestCount
      await failure(provider.sendMessage(request, { strict: true }), 'unsupported')
      equal(simulator.requestCount, before, 'it was sent all the same')
    },
  ],
  [
    'the output cap has the name that the model wants',
    async ({ create, simulator }) => {
      const provider = await create({ facts: () => ({ outputCapParameter: 'max_completion_tokens' }) })
      const request: MessageRequest = { model: 'gpt-sim-reasoning', messages: [user('Hi')], maxOutputTokens: 200 }
      await (await provider.sendMessage(request)).response()
      const sent = simulator.requests.at(-1)?.body as { readonly max_completion_tokens?: number } | undefined
      equal(sent?.max_completion_tokens, 200)
    },
  ],
])

function user(content: string) {
  return { role: 'user', content } as const
}
