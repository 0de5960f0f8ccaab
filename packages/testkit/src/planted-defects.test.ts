import {
  type CallContext,
  type IAIProvider,
  type MessageChunk,
  type MessageRequest,
  type MessageResponse,
  type ModelInfo,
  messageStream,
  modelCapabilities,
  SwitchyardError,
  wholeMessageStream,
} from '@switchyard/core/contract'
import { describe, expect, it } from 'vitest'
import { runCheck } from './bench.ts'
import type { ConformanceOptions, ProviderSetup } from './conformance.ts'
import { conformanceChecks } from './conformance-checks.ts'

/** What is wrong with a planted provider. */
type Defect =
  | 'none'
  | 'ends silently'
  | 'tries again'
  | 'leaks its key'
  | 'passes over malformed events'
  | 'splits characters'
  | 'leaves the socket open'
  | 'ignores errors in the stream'
  | 'counts cached tokens twice'
  | 'touches the network at once'
  | 'works after dispose'
  | 'leaves listeners'
  | 'throws what it got'
  | 'reads everything first'
  | 'leaves blocks open'

interface Case {
  readonly defect: Defect
  /** The checks that must find it. */
  readonly foundBy: readonly string[]
}

const cases: readonly Case[] = [
  {
    defect: 'ends silently',
    foundBy: [
      'a stream that ends at any byte is the exact answer or an error, never a shorter success',
      'a stream without a finish reason is truncated, and the text that came is kept',
    ],
  },
  { defect: 'tries again', foundBy: ['one call is one request, whatever goes wrong'] },
  {
    defect: 'leaks its key',
    foundBy: [
      'an error never holds the key, even when the server repeats it',
      'a provider that is printed does not show its key',
    ],
  },
  {
    defect: 'passes over malformed events',
    foundBy: ['a malformed event is a breach of the protocol, never passed over'],
  },
  {
    defect: 'splits characters',
    foundBy: ['every stream keeps to the grammar, wherever its bytes are split'],
  },
  {
    defect: 'leaves the socket open',
    foundBy: [
      'break closes the socket at once',
      'an abort before the headers closes the socket at once',
      'disposing of a stream closes the socket at once',
    ],
  },
  {
    defect: 'ignores errors in the stream',
    foundBy: [
      'an error in place of the first event is an error',
      '"overloaded" in place of the first event is told as such',
      '"rate-limit" in place of the first event is told as such',
      '"quota" in place of the first event is told as such',
      '"context-length" in place of the first event is told as such',
      '"unavailable" in place of the first event is told as such',
      'an error in the middle of a stream comes after what arrived before it',
    ],
  },
  { defect: 'counts cached tokens twice', foundBy: ['cached tokens are counted apart from the others'] },
  { defect: 'touches the network at once', foundBy: ['initialize may be called again and does not touch the network'] },
  { defect: 'works after dispose', foundBy: ['a disposed provider refuses calls without sending them'] },
  { defect: 'leaves listeners', foundBy: ['no listener is left on a signal, however the call ended'] },
  { defect: 'throws what it got', foundBy: ['every status means the same in every shape of body'] },
  {
    defect: 'reads everything first',
    foundBy: [
      'a piece is shown when it comes, not when the answer is over',
      'a reader who pauses holds the server back',
    ],
  },
  { defect: 'leaves blocks open', foundBy: ['every stream keeps to the grammar, wherever its bytes are split'] },
]

describe('the conformance suite', () => {
  it.each(cases)(
    'finds a provider that $defect',
    async ({ defect, foundBy }) => {
      for (const name of foundBy) {
        const error = await failureOf(name, defect)
        expect(error, `${name} did not find it`).toBeInstanceOf(Error)
        expect(String(error), 'found for another reason').not.toContain('sockets are open after dispose')
      }
    },
    30_000,
  )

  it('finds nothing wrong in those checks when nothing is', async () => {
    for (const name of new Set(cases.flatMap(each => each.foundBy))) {
      expect(await failureOf(name, 'none'), name).toBeUndefined()
    }
  }, 30_000)

  it('has no two checks of one name', () => {
    const names = conformanceChecks.map(check => check.name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})

async function failureOf(name: string, defect: Defect): Promise<unknown> {
  const check = conformanceChecks.find(each => each.name === name)
  if (check === undefined) throw new Error(`There is no check "${name}".`)
  try {
    const options: ConformanceOptions = { dialect: 'openai-chat', create: setup => planted(setup, defect) }
    // what is wrong never comes
    await runCheck(check, options, defect === 'none' ? undefined : 300)
    return undefined
  } catch (error) {
    return error
  }
}

/** A small provider on the platform's fetch: right in what the cases above look at, but for its one defect. */
function planted(setup: ProviderSetup, defect: Defect): IAIProvider {
  const life = new AbortController()
  const has = (each: Defect) => each === defect
  const hidden = (text: string) => (has('leaks its key') ? text : text.replaceAll(setup.apiKey, '[redacted]'))
  let disposed = false

  async function call(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    if (disposed && !has('works after dispose')) throw new SwitchyardError('unavailable', 'disposed')
    signal?.throwIfAborted()
    const signals = has('leaves the socket open') ? [] : [life.signal, ...(signal ? [signal] : [])]
    if (has('leaves listeners')) signal?.addEventListener('abort', () => {})
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(setup.baseURL + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${setup.apiKey}`,
          // the platform's fetch keeps sockets for later, and nobody can close them
          connection: 'close',
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any(signals),
      })
      if (response.ok) return response
      if (has('tries again') && response.status >= 500 && attempt < 2) continue
      const text = await response.text()
      if (has('throws what it got')) throw new Error(text)
      throw httpError(response, hidden(text))
    }
  }

  async function sendMessage(request: MessageRequest, context: CallContext = {}) {
    const { signal } = context
    const messages = request.messages.map(({ role, content }) => ({ role, content }))
    const stream = request.stream !== false
    const body = { model: request.model, messages, stream, ...(stream && { stream_options: { include_usage: true } }) }
    try {
      const response = await call('/chat/completions', body, signal)
      if (!stream) return wholeMessageStream(wholeOf(JSON.parse(await response.text())))
      return streamOf(response)
    } catch (error) {
      if (error instanceof SwitchyardError || has('throws what it got')) throw error
      if (signal?.aborted || life.signal.aborted) throw new SwitchyardError('aborted', 'aborted')
      throw new SwitchyardError(error instanceof SyntaxError ? 'protocol' : 'network', hidden(String(error)))
    }
  }

  function wholeOf(body: any): MessageResponse {
    if (body.error) throw bodyError(body.error)
    const [choice] = body.choices
    const content = [{ type: 'text' as const, text: choice.message.content ?? '' }]
    return { model: `planted/${body.model}`, content, reason: 'stop', usage: usageOf(body.usage) }
  }

  function usageOf(usage: any) {
    const cached = usage.prompt_tokens_details.cached_tokens
    const uncached = usage.prompt_tokens - (has('counts cached tokens twice') ? 0 : cached)
    return {
      input: { uncached, cacheRead: cached, cacheWrite: {} },
      output: { text: usage.completion_tokens, reasoning: 0 },
    }
  }

  function bodyError(error: any): SwitchyardError {
    return new SwitchyardError(codes[error.code] ?? 'unavailable', hidden(String(error.message)))
  }

  function streamOf(response: Response) {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const decoder = new TextDecoder()
    let rest = ''
    let open = false
    let reason: string | undefined
    let usage: MessageResponse['usage']
    let done = false
    let started = false

    function chunksOf(frame: string): MessageChunk[] {
      if (!frame.startsWith('data: ')) return []
      const data = frame.slice('data: '.length)
      if (data === '[DONE]') {
        done = true
        return []
      }
      let event: any
      try {
        event = JSON.parse(data)
        if (!event.error && !Array.isArray(event.choices)) throw new Error()
        if (event.choices?.some((choice: any) => typeof choice.delta !== 'object')) throw new Error()
      } catch {
        if (has('passes over malformed events')) return []
        throw new SwitchyardError('protocol', 'a malformed event')
      }
      if (event.error) {
        if (has('ignores errors in the stream')) return []
        throw bodyError(event.error)
      }
      const chunks: MessageChunk[] = []
      if (!started) {
        started = true
        chunks.push({ type: 'start', model: `planted/${event.model}` })
      }
      if (event.usage) usage = usageOf(event.usage)
      const [choice] = event.choices
      const text = choice?.delta.content
      if (text) {
        if (!open) chunks.push({ type: 'text-start', id: 0 })
        open = true
        chunks.push({ type: 'text-delta', id: 0, text })
      }
      if (choice?.finish_reason) reason = choice.finish_reason
      return chunks
    }

    function finish(): MessageChunk[] {
      if (reason === undefined && !has('ends silently') && !has('ignores errors in the stream')) {
        throw new SwitchyardError('truncated', 'no finish reason')
      }
      const end: MessageChunk[] =
        open && !has('leaves blocks open') ? [{ type: 'text-end', id: 0, complete: true }] : []
      return [...end, { type: 'finish', reason: 'stop', ...(usage && { usage }) }]
    }

    let late: unknown
    async function read(): Promise<readonly MessageChunk[] | undefined> {
      if (late !== undefined) throw late
      const chunks: MessageChunk[] = []
      do {
        const { value, done: over } = await reader.read().catch((error: unknown) => {
          throw new SwitchyardError('network', hidden(String(error)))
        })
        rest += has('splits characters')
          ? Buffer.from(value ?? []).toString()
          : decoder.decode(value, { stream: !over })
        const frames = rest.split('\n\n')
        rest = frames.pop() as string
        try {
          for (const frame of frames) chunks.push(...chunksOf(frame))
          if (over || done) return [...chunks, ...finish()]
        } catch (error) {
          if (chunks.length === 0) throw error
          late = error
        }
      } while (has('reads everything first'))
      return chunks
    }
    const cancel = async () => (has('leaves the socket open') ? undefined : reader.cancel().catch(() => {}))
    return messageStream({ read, cancel })
  }

  async function getModels(): Promise<readonly ModelInfo[]> {
    return ((await (await call('/models', undefined)).json()) as { readonly data: ModelInfo[] }).data
  }

  return {
    contract: 1,
    id: 'planted',
    ...(has('leaks its key') && { setup }),
    initialize: async options => {
      if (options?.verify || has('touches the network at once')) await getModels()
    },
    sendMessage,
    getCapabilities: () => modelCapabilities({ dialect: 'openai-chat' }),
    getModels,
    dispose: async () => {
      disposed = true
      life.abort()
    },
    async [Symbol.asyncDispose]() {
      await this.dispose()
    },
  }
}

const codes: Readonly<Record<string, SwitchyardError['kind']>> = {
  server_is_overloaded: 'overloaded',
  rate_limit_exceeded: 'rate-limit',
  insufficient_quota: 'quota',
  context_length_exceeded: 'context-length',
}

const kinds: Readonly<Record<number, SwitchyardError['kind']>> = {
  401: 'authentication',
  402: 'quota',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  429: 'rate-limit',
  498: 'overloaded',
  529: 'overloaded',
}

function httpError(response: Response, text: string): SwitchyardError {
  const { status } = response
  const kind = kinds[status] ?? (status >= 500 || status === 409 ? 'unavailable' : 'invalid-request')
  return new SwitchyardError(kind, text || `status ${status}`, { status, provider: 'planted' })
}
