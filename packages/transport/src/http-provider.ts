import {
  type CallContext,
  type DisposeOptions,
  type EmbeddingRequest,
  type EmbeddingResponse,
  type IAIProvider,
  type InitializeOptions,
  isSwitchyardError,
  type MessageRequest,
  type MessageStream,
  type ModelCapabilities,
  type ModelFacts,
  type ModelFactsPort,
  type ModelInfo,
  messageStream,
  modelCapabilities,
  SwitchyardError,
  wholeMessageStream,
} from '@switchyard/core/contract'
import { errorDetails, errorText, jsonBody, mediaType } from './answer-body.ts'
import { readText } from './body-reader.ts'
import { ModelSettings, type ModelSettingsOptions } from './model-settings.ts'
import type { Transport } from './transport.ts'
import { streamWithWarnings, withWarnings } from './warnings.ts'
import type { AnswerFacts, ErrorReply, WireCall, WireProtocol, WireReply } from './wire-protocol.ts'

/** What providers on HTTP have in common, to be given in their options. */
export interface HttpProviderOptions {
  /** Lower-case name, unique in a registry, without `/`. */
  readonly id?: string
  /** Answers requests that name no model. */
  readonly model?: string
  /** The output cap of requests that state none. */
  readonly maxTokens?: number
  /** The temperature of requests that state none. */
  readonly temperature?: number
  /** What is known of models, asked at every call; a catalogue. */
  readonly facts?: ModelFactsPort
  /** Sockets shared with others; the provider's own by default. Disposing of the provider leaves them open. */
  readonly transport?: Transport
}

/** What makes an `HttpProvider` one particular provider. */
export interface HttpProviderDefinition extends ModelSettingsOptions {
  readonly id: string
  /** Lists models, embeds and counts; messages too where `protocolFor` does not say otherwise. */
  readonly protocol: WireProtocol
  /** The dialect that a model is spoken to in, for a provider with several; without a request: usually. */
  protocolFor?(model: string, facts: ModelFacts, request?: MessageRequest): WireProtocol
  /** Adds to an error what this provider knows of its cure. */
  explain?(error: SwitchyardError): SwitchyardError
  /** Disposed of with the provider. */
  readonly transport: Transport
  /** Sends one HTTP request. @throws {SwitchyardError} where no answer came. */
  send(call: WireCall): Promise<WireReply>
  /** Never shown in a message. */
  readonly secrets: readonly string[]
  readonly reasoningOutside?: boolean | undefined
}

/** The life of a provider on HTTP: one request for one call, its answer read by the dialect, its end. */
export class HttpProvider implements IAIProvider {
  readonly contract = 1
  readonly id: string
  readonly embed?: NonNullable<IAIProvider['embed']>
  readonly countTokens?: NonNullable<IAIProvider['countTokens']>
  readonly #definition: HttpProviderDefinition
  readonly #settings: ModelSettings
  #known: ModelFacts['capabilities']
  #capabilities: ModelCapabilities | undefined
  #disposed = false
  #sending = 0
  #whenSent: (() => void)[] = []

  /** @throws {SwitchyardError} `invalid-request` for an id that no registry would take. */
  constructor(definition: HttpProviderDefinition) {
    if (typeof definition.id !== 'string' || definition.id === '' || definition.id.includes('/')) {
      throw new SwitchyardError('invalid-request', 'A provider needs an `id`, and without "/" in it.', { param: 'id' })
    }
    this.id = definition.id
    this.#definition = definition
    this.#settings = new ModelSettings(definition.id, definition)
    const { embeddings, tokenCount } = definition.protocol
    if (embeddings) this.embed = (request, context) => this.#embed(embeddings, request, context)
    if (tokenCount) this.countTokens = (request, context) => this.#countTokens(tokenCount, request, context)
  }

  async initialize({ verify = false, signal }: InitializeOptions = {}): Promise<void> {
    this.#refuseWhenDisposed()
    if (!verify) return
    try {
      await this.getModels(signal === undefined ? {} : { signal })
    } catch (error) {
      if (!isSwitchyardError(error) || error.kind === 'aborted') throw error
      const cure = cures[error.kind]
      const message = `Provider "${this.id}" cannot be used: ${error.message}${cure === undefined ? '' : ` ${cure}`}`
      throw new SwitchyardError(error.kind, message, { ...error })
    }
  }

  async sendMessage(given: MessageRequest, context: CallContext = {}): Promise<MessageStream> {
    const model = this.#settings.model(given.model)
    const stream = given.stream !== false
    const request = this.#settings.completed(given)
    const known = this.#settings.facts(model)
    const protocol = this.#definition.protocolFor?.(model, known, request) ?? this.#definition.protocol
    const { warnings = [], ...call } = this.#encoded(model, () =>
      protocol.encodeRequest(request, { model, stream, facts: known, strict: context.strict ?? false }),
    )
    const toolsRequested = given.tools !== undefined && given.tools.length > 0
    const { reply, facts } = await this.#call(call, model, context, { toolsRequested, protocol })
    const type = mediaType(reply.headers)
    if (type === 'text/html') throw this.#pageError(reply, facts)
    if (protocol.streamTypes.includes(type) || (stream && saysNothing.has(type))) {
      const source = protocol.readStream(reply.body, facts)
      return messageStream(warnings.length === 0 ? source : streamWithWarnings(source, warnings))
    }
    return wholeMessageStream(withWarnings(await this.#whole(reply, facts, protocol.readWhole), warnings))
  }

  getCapabilities(model: string): ModelCapabilities {
    const facts = this.#settings.facts(model)
    const known = facts.capabilities
    const { dialect } = this.#definition.protocolFor?.(model, facts) ?? this.#definition.protocol
    // asked at every call, and nearly always about the same
    if (this.#capabilities?.dialect !== dialect || known !== this.#known) {
      this.#known = known
      this.#capabilities = modelCapabilities({ dialect, streaming: true, ...known })
    }
    return this.#capabilities
  }

  async getModels(context: CallContext = {}): Promise<readonly ModelInfo[]> {
    const { models } = this.#definition.protocol
    const found: ModelInfo[] = []
    const asked = new Set<string>()
    for (let path: string | undefined = models.path; path !== undefined && !asked.has(path); ) {
      asked.add(path)
      const page: readonly [unknown, readonly ModelInfo[]] = await this.#answer(
        { path },
        undefined,
        context,
        (body, facts) => [body, models.read(body, facts)],
      )
      found.push(...page[1])
      path = models.nextPage?.(page[0])
    }
    const { details } = models
    if (details === undefined) return found
    return mapInTurn(found, model =>
      this.#answer(details.encode(model), model.id, context, body => details.read(body, model)),
    )
  }

  #embed(
    { encode, read }: NonNullable<WireProtocol['embeddings']>,
    request: EmbeddingRequest,
    context: CallContext = {},
  ): Promise<EmbeddingResponse> {
    const model = this.#settings.model(request.model)
    return this.#answer(
      this.#encoded(model, () => encode(request, model)),
      model,
      context,
      read,
    )
  }

  #countTokens(
    { encode, read }: NonNullable<WireProtocol['tokenCount']>,
    request: MessageRequest,
    context: CallContext = {},
  ): Promise<number> {
    const model = this.#settings.model(request.model)
    const facts = this.#settings.facts(model)
    const options = { model, stream: false, facts, strict: context.strict ?? false }
    return this.#answer(
      this.#encoded(model, () => encode(request, options)),
      model,
      context,
      read,
    )
  }

  async dispose(options: DisposeOptions = {}): Promise<void> {
    this.#disposed = true
    // the transport does not know yet of calls that an SDK is preparing
    if (options.drain && this.#sending > 0) await new Promise<void>(resolve => this.#whenSent.push(resolve))
    await this.#definition.transport.dispose(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  /** A call that is answered whole, by a GET where there is no body. */
  async #answer<Answer>(
    call: Sent,
    model: string | undefined,
    context: CallContext,
    read: (body: unknown, facts: AnswerFacts) => Answer,
  ): Promise<Answer> {
    const { reply, facts } = await this.#call(call, model, context)
    if (mediaType(reply.headers) === 'text/html') throw this.#pageError(reply, facts)
    return this.#whole(reply, facts, read)
  }

  async #call(
    call: Sent,
    model: string | undefined,
    context: CallContext,
    how: { readonly toolsRequested?: boolean; readonly protocol?: WireProtocol } = {},
  ): Promise<{ readonly reply: WireReply; readonly facts: AnswerFacts }> {
    try {
      return await this.#reply(call, model, context, how)
    } catch (error) {
      throw isSwitchyardError(error) ? (this.#definition.explain?.(error) ?? error) : error
    }
  }

  async #reply(
    { path, body, headers }: Sent,
    model: string | undefined,
    context: CallContext,
    {
      toolsRequested = false,
      protocol = this.#definition.protocol,
    }: { readonly toolsRequested?: boolean; readonly protocol?: WireProtocol },
  ): Promise<{ readonly reply: WireReply; readonly facts: AnswerFacts }> {
    this.#refuseWhenDisposed()
    const { secrets, reasoningOutside } = this.#definition
    const about: { provider: string; model?: string; requestId?: string } = { provider: this.id }
    if (model !== undefined) about.model = model
    const { signal, timeouts, traceParent } = context
    const method = body === undefined ? 'GET' : 'POST'
    const reply = await this.#send({ method, path, body, headers, signal, timeouts, traceParent, about })
    const requestId = reply.headers.get('x-request-id') ?? reply.headers.get('request-id')
    if (requestId) about.requestId = requestId
    const facts: AnswerFacts = {
      provider: this.id,
      ...(model !== undefined && { model }),
      secrets,
      toolsRequested,
      ...(requestId && { requestId }),
      ...(reasoningOutside !== undefined && { reasoningOutside }),
    }
    if (reply.status >= 200 && reply.status < 300) return { reply, facts }
    if (reply.status >= 300 && reply.status < 400) throw redirected(reply, facts)
    const error: ErrorReply = {
      status: reply.status,
      headers: reply.headers,
      body: await errorText(reply.body, signal),
    }
    throw protocol.readError(error, facts)
  }

  async #send(call: WireCall): Promise<WireReply> {
    this.#sending++
    try {
      return await this.#definition.send(call)
    } catch (error) {
      // it was on its way when the transport under it went
      if (this.#disposed && isSwitchyardError(error, 'unavailable')) throw cutByDispose(call)
      throw error
    } finally {
      this.#sending--
      if (this.#sending === 0) for (const resolve of this.#whenSent.splice(0)) resolve()
    }
  }

  async #whole<Answer>(
    reply: WireReply,
    facts: AnswerFacts,
    read: (body: unknown, facts: AnswerFacts) => Answer,
  ): Promise<Answer> {
    const body = jsonBody(await readText(reply.body), reply.status, facts)
    try {
      return read(body, facts)
    } catch (error) {
      throw isSwitchyardError(error) && error.provider === undefined
        ? error.with(errorDetails(reply.status, facts))
        : error
    }
  }

  #encoded<Encoded>(model: string, encode: () => Encoded): Encoded {
    try {
      return encode()
    } catch (error) {
      throw isSwitchyardError(error) ? error.with({ provider: this.id, model }) : error
    }
  }

  #pageError(reply: WireReply, facts: AnswerFacts): SwitchyardError {
    reply.body.cancel()
    const message = 'The server answered with a web page: does the base URL point at its API?'
    return new SwitchyardError('protocol', message, errorDetails(reply.status, facts))
  }

  #refuseWhenDisposed(): void {
    if (!this.#disposed) return
    throw new SwitchyardError('unavailable', `Provider "${this.id}" is disposed: it takes no more calls.`, {
      provider: this.id,
    })
  }
}

type Sent = Pick<WireCall, 'path' | 'body' | 'headers'>

// a list of models is short, and its server may be small
const questionsAtOnce = 4

async function mapInTurn<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const entries = items.entries()
  const worker = async (): Promise<void> => {
    for (const [at, item] of entries) results[at] = await map(item)
  }
  await Promise.all(Array.from({ length: questionsAtOnce }, worker))
  return results
}

function redirected({ status, headers, body }: WireReply, facts: AnswerFacts): SwitchyardError {
  body.cancel()
  const location = headers.get('location') ?? ''
  const place = URL.canParse(location) ? new URL(location).origin : 'another address'
  const message = `The server sends the call on to ${place}: should the base URL be there?`
  return new SwitchyardError('protocol', message, errorDetails(status, facts))
}

function cutByDispose({ about }: WireCall): SwitchyardError {
  return new SwitchyardError('aborted', 'The call was aborted because its provider is disposed.', about)
}

// content types of servers that state none worth the name
const saysNothing = new Set(['', 'text/plain', 'application/octet-stream'])

const cures: Partial<Record<SwitchyardError['kind'], string>> = {
  authentication: 'Check its API key.',
  permission: 'Check what its API key may do.',
  'not-found': 'Check its base URL: it usually ends with /v1.',
}
