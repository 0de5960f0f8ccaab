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
  readonly protocol: WireProtocol
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
    const { protocol } = this.#definition
    const model = this.#settings.model(given.model)
    const stream = given.stream !== false
    const { path, body, warnings } = this.#encoded(model, () =>
      protocol.encodeRequest(this.#settings.completed(given), {
        model,
        stream,
        facts: this.#settings.facts(model),
        strict: context.strict ?? false,
      }),
    )
    const toolsRequested = given.tools !== undefined && given.tools.length > 0
    const { reply, facts } = await this.#call({ method: 'POST', path, body }, model, context, toolsRequested)
    const type = mediaType(reply.headers)
    if (type === 'text/html') throw this.#pageError(reply, facts)
    if (protocol.streamTypes.includes(type) || (stream && saysNothing.has(type))) {
      const source = protocol.readStream(reply.body, facts)
      return messageStream(warnings.length === 0 ? source : streamWithWarnings(source, warnings))
    }
    return wholeMessageStream(withWarnings(await this.#whole(reply, facts, protocol.readWhole), warnings))
  }

  getCapabilities(model: string): ModelCapabilities {
    const known = this.#settings.facts(model).capabilities
    // asked at every call, and nearly always about the same
    if (this.#capabilities === undefined || known !== this.#known) {
      const { dialect } = this.#definition.protocol
      this.#known = known
      this.#capabilities = modelCapabilities({ dialect, streaming: true, ...known })
    }
    return this.#capabilities
  }

  async getModels(context: CallContext = {}): Promise<readonly ModelInfo[]> {
    const { protocol } = this.#definition
    const { reply, facts } = await this.#call({ method: 'GET', path: protocol.modelsPath }, undefined, context)
    if (mediaType(reply.headers) === 'text/html') throw this.#pageError(reply, facts)
    return this.#whole(reply, facts, protocol.readModels)
  }

  async embed(request: EmbeddingRequest, context: CallContext = {}): Promise<EmbeddingResponse> {
    const { embeddings } = this.#definition.protocol
    const model = this.#settings.model(request.model)
    if (embeddings === undefined) {
      throw new SwitchyardError('unsupported', `Provider "${this.id}" has no embeddings.`, { provider: this.id, model })
    }
    const { path, body } = this.#encoded(model, () => embeddings.encode(request, model))
    const { reply, facts } = await this.#call({ method: 'POST', path, body }, model, context)
    if (mediaType(reply.headers) === 'text/html') throw this.#pageError(reply, facts)
    return this.#whole(reply, facts, embeddings.read)
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

  async #call(
    call: Pick<WireCall, 'method' | 'path' | 'body'>,
    model: string | undefined,
    context: CallContext,
    toolsRequested = false,
  ): Promise<{ readonly reply: WireReply; readonly facts: AnswerFacts }> {
    this.#refuseWhenDisposed()
    const { secrets, reasoningOutside, protocol } = this.#definition
    const about: { provider: string; model?: string; requestId?: string } = { provider: this.id }
    if (model !== undefined) about.model = model
    const { signal, timeouts, traceParent } = context
    const reply = await this.#send({ ...call, signal, timeouts, traceParent, about })
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
