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
  type RateLimits,
  SwitchyardError,
  wholeMessageStream,
} from '@switchyard/core/contract'
import { mediaType } from './answer-body.ts'
import type { HeaderReader } from './body-reader.ts'
import { listModels } from './list-models.ts'
import { ModelSettings, type ModelSettingsOptions } from './model-settings.ts'
import { ProviderCalls, pageError } from './provider-calls.ts'
import type { Transport } from './transport.ts'
import { streamWithWarnings, withWarnings } from './warnings.ts'
import type { WireCall, WireProtocol, WireReply } from './wire-protocol.ts'

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
  /** The dialect that a model is spoken to in, for a provider with several; `undefined` where requests decide. */
  protocolFor?(model: string, facts: ModelFacts, request?: MessageRequest): WireProtocol | undefined
  /** Adds to an error what this provider knows of its cure. */
  explain?(error: SwitchyardError): SwitchyardError
  /** Disposed of with the provider. */
  readonly transport: Transport
  /** Sends one HTTP request. @throws {SwitchyardError} where no answer came. */
  send(call: WireCall): Promise<WireReply>
  /** Never shown in a message. */
  readonly secrets: readonly string[]
  readonly reasoningOutside?: boolean | undefined
  /** What its server says of its limits in its own way; over what the protocol reads. */
  readRateLimits?(headers: HeaderReader): RateLimits
}

/** The life of a provider on HTTP: one request for one call, its answer read by the dialect, its end. */
export class HttpProvider implements IAIProvider {
  readonly contract = 1
  readonly id: string
  readonly embed?: NonNullable<IAIProvider['embed']>
  readonly countTokens?: NonNullable<IAIProvider['countTokens']>
  readonly #definition: HttpProviderDefinition
  readonly #settings: ModelSettings
  readonly #calls: ProviderCalls
  #known: ModelFacts['capabilities']
  #capabilities: ModelCapabilities | undefined

  /** @throws {SwitchyardError} `invalid-request` for an id that no registry would take. */
  constructor(definition: HttpProviderDefinition) {
    if (typeof definition.id !== 'string' || definition.id === '' || definition.id.includes('/')) {
      throw new SwitchyardError('invalid-request', 'A provider needs an `id`, and without "/" in it.', { param: 'id' })
    }
    this.id = definition.id
    this.#definition = definition
    this.#settings = new ModelSettings(definition.id, definition)
    this.#calls = new ProviderCalls(definition)
    const { embeddings, tokenCount } = definition.protocol
    if (embeddings) this.embed = (request, context) => this.#embed(embeddings, request, context)
    if (tokenCount) this.countTokens = (request, context) => this.#countTokens(tokenCount, request, context)
  }

  async initialize({ verify = false, signal }: InitializeOptions = {}): Promise<void> {
    this.#calls.refuseWhenDisposed()
    if (!verify) return
    try {
      await this.getModels(signal === undefined ? {} : { signal })
    } catch (error) {
      if (!isSwitchyardError(error) || error.kind === 'aborted') throw error
      const cure = this.#cureOf(error)
      const said = cure === undefined || /[.!?]$/.test(error.message) ? error.message : `${error.message}.`
      const message = `Provider "${this.id}" cannot be used: ${said}${cure === undefined ? '' : ` ${cure}`}`
      throw new SwitchyardError(error.kind, message, { ...error })
    }
  }

  #cureOf({ kind }: SwitchyardError): string | undefined {
    // paths without a version leave it to the base URL
    const isVersionless = this.#definition.protocol.models.path === '/models'
    return kind === 'not-found' && isVersionless ? 'Check its base URL: it usually ends with /v1.' : cures[kind]
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
    const altered = warnings.length > 0 || request !== given
    const { reply, facts } = await this.#calls.call(call, model, context, { toolsRequested, protocol, altered })
    const type = mediaType(reply.headers)
    if (type === 'text/html') throw pageError(reply, facts)
    if (protocol.streamTypes.includes(type) || (stream && saysNothing.has(type))) {
      const source = protocol.readStream(reply.body, facts)
      return messageStream(warnings.length === 0 ? source : streamWithWarnings(source, warnings))
    }
    return wholeMessageStream(withWarnings(await this.#calls.whole(reply, facts, protocol.readWhole), warnings))
  }

  getCapabilities(model: string): ModelCapabilities {
    const facts = this.#settings.facts(model)
    const known = facts.capabilities
    const definition = this.#definition
    const spoken = definition.protocolFor ? definition.protocolFor(model, facts) : definition.protocol
    const dialect = spoken?.dialect
    // asked at every call, and nearly always about the same
    if (this.#capabilities === undefined || this.#capabilities.dialect !== dialect || known !== this.#known) {
      this.#known = known
      this.#capabilities = modelCapabilities({ ...(dialect !== undefined && { dialect }), streaming: true, ...known })
    }
    return this.#capabilities
  }

  async getModels(context: CallContext = {}): Promise<readonly ModelInfo[]> {
    return listModels(this.#definition.protocol.models, (call, model, read) =>
      this.#calls.answer(call, model, context, read),
    )
  }

  #embed(
    { encode, read }: NonNullable<WireProtocol['embeddings']>,
    request: EmbeddingRequest,
    context: CallContext = {},
  ): Promise<EmbeddingResponse> {
    const model = this.#settings.model(request.model)
    return this.#calls.answer(
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
    return this.#calls.answer(
      this.#encoded(model, () => encode(request, options)),
      model,
      context,
      read,
    )
  }

  async dispose(options: DisposeOptions = {}): Promise<void> {
    await this.#calls.dispose(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  #encoded<Encoded>(model: string, encode: () => Encoded): Encoded {
    try {
      return encode()
    } catch (error) {
      throw isSwitchyardError(error) ? error.with({ provider: this.id, model, unsent: true }) : error
    }
  }
}

// content types of servers that state none worth the name
const saysNothing = new Set(['', 'text/plain', 'application/octet-stream'])

const cures: Partial<Record<SwitchyardError['kind'], string>> = {
  authentication: 'Check its API key.',
  permission: 'Check what its API key may do.',
  'not-found': 'Check its base URL.',
}
