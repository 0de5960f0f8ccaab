import { afterEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../simulator.ts'
import type { Simulator, SimulatorOptions } from '../simulator-contract.ts'

let simulator: Simulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await startSimulator({ api: 'ollama', ...options })
  return simulator
}

const asking = (rest: object = {}) => ({ model: 'llama-sim', messages: [{ role: 'user', content: 'Hi' }], ...rest })
const message = (rest: object) => asking({ messages: [{ role: 'user', content: 'Hi', ...rest }] })

async function post(to: Simulator, body: unknown, path = '/api/chat', headers: Record<string, string> = {}) {
  const response = await fetch(to.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

describe('the wire', () => {
  it('streams lines of JSON where nothing is said, in the server’s order of fields', async () => {
    const to = await start({ markSimulated: false, reply: 'Hi' })
    const { type, text } = await post(to, asking())
    expect(type).toBe('application/x-ndjson')
    const time = /"created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"/g
    expect(text.replace(time, '"created_at":"now"')).toBe(
      '{"model":"llama-sim","created_at":"now","message":{"role":"assistant","content":"Hi"},"done":false}\n' +
        '{"model":"llama-sim","created_at":"now","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",' +
        '"total_duration":19000000,"load_duration":1000000,"prompt_eval_count":8,"prompt_eval_duration":8000000,"eval_count":1,"eval_duration":10000000}\n',
    )
    const whole = await post(to, asking({ stream: false }))
    expect(whole.type).toBe('application/json; charset=utf-8')
    expect(JSON.parse(whole.text)).toMatchObject({ message: { content: 'Hi' }, done: true })
  })

  it('does not see fields that it does not know', async () => {
    const to = await start()
    expect(await post(to, asking({ x_new: 1, options: { x_new: {} } }))).toMatchObject({ status: 200 })
  })

  it('wants no key, and refuses a wrong one', async () => {
    const to = await start()
    const key = (value: string) => ({ authorization: `Bearer ${value}` })
    expect(await post(to, asking())).toMatchObject({ status: 200 })
    expect(await post(to, asking(), '/api/chat', key(to.apiKey))).toMatchObject({ status: 200 })
    expect(await post(to, asking(), '/api/chat', key('other'))).toMatchObject({
      status: 401,
      text: '{"error":"unauthorized"}',
    })
    expect(to.requests.map(({ keyOk }) => keyOk)).toEqual([true, true, false])
  })

  it.each([
    ['/api/nope', 404, '404 page not found'],
    ['/api/tags', 405, '405 method not allowed'],
  ])('has no way to post to %s', async (path, status, error) => {
    expect(await post(await start(), asking(), path)).toMatchObject({ status, text: JSON.stringify({ error }) })
  })

  it('wants a body', async () => {
    expect(await post(await start(), '')).toMatchObject({ status: 400, text: '{"error":"missing request body"}' })
  })
})

describe('what the server refuses', () => {
  const png = 'iVBORw0KGgo='
  it.each([
    [[], 400, 'json: cannot unmarshal array into Go value of type api.ChatRequest'],
    [{ messages: [] }, 400, 'model is required'],
    [asking({ model: 7 }), 400, 'json: cannot unmarshal number into Go struct field ChatRequest.model of type string'],
    [asking({ model: 'nope' }), 404, "model 'nope' not found"],
    [
      asking({ stream: 'yes' }),
      400,
      'json: cannot unmarshal string into Go struct field ChatRequest.stream of type bool',
    ],
    [
      asking({ messages: 'Hi' }),
      400,
      'json: cannot unmarshal string into Go struct field ChatRequest.messages of type []api.Message',
    ],
    [
      asking({ messages: [true] }),
      400,
      'json: cannot unmarshal bool into Go struct field ChatRequest.messages of type api.Message',
    ],
    [
      message({ content: [{ type: 'text' }] }),
      400,
      'json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string',
    ],
    [
      message({ images: [{}] }),
      400,
      'json: cannot unmarshal object into Go struct field ChatRequest.messages.images of type api.ImageData',
    ],
    [message({ images: ['./pic.png'] }), 400, 'illegal base64 data at input byte 0'],
    [message({ images: [`data:image/png;base64,${png}`] }), 400, 'illegal base64 data at input byte 4'],
    [message({ images: [png.slice(0, -1)] }), 400, 'illegal base64 data at input byte 11'],
    [
      { ...message({ images: [png] }), model: 'gemma-sim' },
      500,
      'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
    ],
    [
      message({ tool_calls: [7] }),
      400,
      'json: cannot unmarshal number into Go struct field ChatRequest.messages.tool_calls of type api.ToolCall',
    ],
    [
      message({ tool_calls: [{ function: 'f' }] }),
      400,
      'json: cannot unmarshal string into Go struct field ChatRequest.messages.tool_calls.function of type api.ToolCallFunction',
    ],
    [
      message({ tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }),
      400,
      "Value looks like object, but can't find closing '}' symbol",
    ],
    [
      message({ role: 'developer' }),
      400,
      'messages[0].role is "developer"; it must be system, user, assistant or tool.',
    ],
    [asking({ top_logprobs: 21 }), 400, 'top_logprobs must be between 0 and 20'],
    [asking({ keep_alive: 'soon' }), 400, 'time: invalid duration "soon"'],
    [asking({ keep_alive: {} }), 400, "Unsupported type: 'map'"],
    [
      asking({ think: 'hard' }),
      400,
      'invalid think value: "hard" (must be "high", "medium", "low", "max", true, or false)',
    ],
    [asking({ think: 7 }), 400, 'think must be a boolean or string ("high", "medium", "low", "max", true, or false)'],
    [asking({ think: true }), 400, '"llama-sim" does not support thinking'],
    [
      asking({ tools: [7] }),
      400,
      'json: cannot unmarshal number into Go struct field ChatRequest.tools of type api.Tool',
    ],
    [
      asking({ tools: [{ function: { parameters: { required: 'city' } } }] }),
      400,
      'json: cannot unmarshal string into Go struct field ChatRequest.tools.function.parameters.required of type []string',
    ],
    [
      asking({ tools: [{ function: { parameters: { properties: [] } } }] }),
      400,
      'json: cannot unmarshal array into Go struct field ChatRequest.tools.function.parameters.properties of type map[string]api.ToolProperty',
    ],
    [
      asking({ model: 'gemma-sim', tools: [{ type: 'function', function: { name: 'f' } }] }),
      400,
      'registry.ollama.ai/library/gemma-sim:latest does not support tools',
    ],
    [asking({ model: 'embed-sim' }), 400, '"embed-sim" does not support chat'],
    [asking({ format: 'xml' }), 500, 'invalid format: "\\"xml\\""; expected "json" or a valid JSON Schema object'],
    [asking({ options: { temperature: 'hot' } }), 500, 'option "temperature" must be of type float32'],
    [asking({ options: { num_ctx: '8k' } }), 500, 'option "num_ctx" must be of type integer'],
    [asking({ options: { stop: 'END' } }), 500, 'option "stop" must be of type array'],
    [asking({ options: { stop: [7] } }), 500, 'option "stop" must be of an array of strings'],
  ])('%j', async (body, status, error) => {
    expect(await post(await start(), body)).toMatchObject({ status, text: JSON.stringify({ error }) })
  })

  it.each([
    ['/api/embed', { model: 'embed-sim', input: 7 }, 400, 'invalid input type'],
    ['/api/embed', { model: 'embed-sim', input: [7] }, 400, 'invalid input type'],
    ['/api/embed', { model: 'llama-sim', input: 'a' }, 400, 'this model does not support embeddings'],
    [
      '/api/embed',
      { model: 'embed-sim', input: 'a', dimensions: 'x' },
      400,
      'json: cannot unmarshal string into Go struct field EmbedRequest.dimensions of type int',
    ],
    ['/api/show', { model: 'nope' }, 404, "model 'nope' not found"],
    ['/api/show', {}, 400, 'model is required'],
  ])('at %s %j', async (path, body, status, error) => {
    expect(await post(await start(), body, path)).toMatchObject({ status, text: JSON.stringify({ error }) })
  })

  it('shows a model by its older field, too', async () => {
    expect(await post(await start(), { name: 'llama-sim' }, '/api/show')).toMatchObject({ status: 200 })
  })
})
