import { isSwitchyardError, type MessageRequest, type SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createOpenAICompatible } from './index.ts'
import { chunk, event, json, serve } from './server.fixture.ts'

const question: MessageRequest = { model: 'tiny', messages: [{ role: 'user', content: 'Weather?' }] }

function provide(baseURL: string) {
  const provider = createOpenAICompatible({ id: 'lab', baseURL })
  onTestFinished(() => provider.dispose())
  return provider
}

/** The answer that a stream of these events holds. */
async function answerOf(...events: readonly string[]) {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(events.join(''))
  })
  return (await provide(url).sendMessage(question)).response()
}

/** What a call fails with, when this is the server's answer. */
async function failureOf(status: number, body: unknown, type = 'application/json'): Promise<SwitchyardError> {
  const { url } = await serve((_, response) => {
    if (type === 'application/json') return json(response, body, status)
    response.writeHead(status, { 'content-type': type })
    response.end(body)
  })
  const error = await provide(url)
    .sendMessage(question)
    .catch((error: unknown) => error)
  if (!isSwitchyardError(error)) throw new Error('it should have failed')
  return error
}

const call = (id: string, city: string, more: object = {}) => ({
  ...more,
  id,
  type: 'function',
  function: { name: 'get_weather', arguments: `{"city":"${city}"}` },
})
const parsed = (id: string, city: string) => ({ type: 'tool-call', id, name: 'get_weather', input: { city } })

describe('streams of lax servers', () => {
  it('tell calls without an index apart, and end with calls although they say "stop"', async () => {
    const answer = await answerOf(
      chunk({ role: 'assistant', content: null, tool_calls: [call('call_1', 'Oslo')] }),
      chunk({ tool_calls: [call('call_2', 'Rome')] }),
      chunk({}, 'stop'),
      'data: [DONE]\n\n',
    )
    expect(answer.content).toMatchObject([parsed('call_1', 'Oslo'), parsed('call_2', 'Rome')])
    expect(answer.reason).toBe('tool-calls')
  })

  it('hold several whole calls in one event', async () => {
    const calls = [call('call_1', 'Oslo', { index: 0 }), call('call_2', 'Rome', { index: 1 })]
    const answer = await answerOf(chunk({ tool_calls: calls }), chunk({}, 'tool_calls'), 'data: [DONE]\n\n')
    expect(answer.content).toMatchObject([parsed('call_1', 'Oslo'), parsed('call_2', 'Rome')])
  })

  it('may tell usage on the finish event, and keep connections alive with comments', async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 }
    const choices = [{ index: 0, delta: {}, finish_reason: 'stop', stop_reason: null }]
    const answer = await answerOf(
      ': keep-alive\n\n',
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'hm ' }),
      chunk({ content: 'Hi' }),
      event({ id: 'c1', object: 'chat.completion.chunk', choices, usage }),
      'data: [DONE]\n\n',
    )
    expect(answer.content).toMatchObject([
      { type: 'reasoning', text: 'hm ' },
      { type: 'text', text: 'Hi' },
    ])
    expect(answer.usage).toMatchObject({ input: { uncached: 5 }, output: { text: 4, reasoning: 0 } })
  })

  it('may end without [DONE] once the finish reason was said, and not before', async () => {
    const answer = await answerOf(chunk({ content: 'Hi' }), chunk({}, 'stop'))
    expect(answer).toMatchObject({ content: [{ type: 'text', text: 'Hi' }], reason: 'stop' })
    await expect(answerOf(chunk({ content: 'Hi' }))).rejects.toMatchObject({ kind: 'truncated' })
  })
})

describe('errors of lax servers', () => {
  it.each([
    ['a text', 404, { error: "model 'nope' not found" }, 'not-found', "lab/tiny: model 'nope' not found"],
    [
      'a number for a code',
      400,
      { error: { message: 'The maximum context length is 4096 tokens.', type: 'BadRequestError', code: 400 } },
      'context-length',
      'lab/tiny: The maximum context length is 4096 tokens.',
    ],
    [
      "FastAPI's list of places",
      422,
      { detail: [{ loc: ['body', 'messages'], msg: 'field required', type: 'value_error.missing' }] },
      'invalid-request',
      'lab/tiny: messages: field required',
    ],
    ["FastAPI's text", 503, { detail: 'No worker is free.' }, 'unavailable', 'lab/tiny: No worker is free.'],
  ])('may be %s', async (_, status, body, kind, message) => {
    expect(await failureOf(status, body)).toMatchObject({ kind, status, message })
  })

  it('may be a page of a proxy, with whatever status', async () => {
    const page = '<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>'
    expect(await failureOf(502, page, 'text/html')).toMatchObject({ kind: 'unavailable', status: 502 })
    const login = await failureOf(200, '<html><body>Please log in</body></html>', 'text/html')
    expect(login.kind).toBe('protocol')
    expect(login.message).toContain('does the base URL point at its API?')
  })
})
