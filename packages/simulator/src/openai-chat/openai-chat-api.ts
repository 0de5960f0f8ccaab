import type { ReplyFunction, SimulatedAnswer } from '../answer.ts'
import type { ErrorWording } from '../error-shapes.ts'
import type { RateLimits } from '../rate-limit.ts'
import { type Reply, wholeReply } from '../reply.ts'
import { now } from '../request-log.ts'
import type { ReceivedRequest, SimulatedApi } from '../simulated-api.ts'
import { AccountLimits } from './account-limits.ts'
import { acceptedRequest, completionReply } from './chat-completion.ts'
import { embeddingReply } from './embeddings.ts'
import { type SimulatedModel, simulatedModels } from './models.ts'
import { isObject, type Json, RequestRefusal } from './refusal.ts'
import { keyRefusal, statusWording } from './status-wording.ts'

export interface OpenAIChatApiOptions {
  readonly models?: readonly SimulatedModel[]
  readonly anyModel?: boolean
  readonly markSimulated?: boolean
  readonly reply?: string | SimulatedAnswer | ReplyFunction
  readonly rateLimits?: RateLimits
}

const json = { 'content-type': 'application/json' }

/** OpenAI's chat completions, models and embeddings. */
export function openaiChatApi(options: OpenAIChatApiOptions): SimulatedApi {
  return new OpenAIChatApi(options)
}

class OpenAIChatApi implements SimulatedApi {
  readonly credentialHeaders = ['authorization']
  readonly #options: OpenAIChatApiOptions
  readonly #models: readonly SimulatedModel[]
  readonly #limits: AccountLimits

  constructor(options: OpenAIChatApiOptions) {
    this.#options = options
    this.#models = options.models ?? simulatedModels
    this.#limits = new AccountLimits(options.rateLimits)
  }

  handles(path: string): boolean {
    return /^\/v1\/(chat\/completions|embeddings|models(\/[^/]+)?)$/.test(path)
  }

  credential(headers: ReceivedRequest['headers']): string | undefined {
    return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  }

  async reply(request: ReceivedRequest): Promise<Reply> {
    try {
      return await this.#route(request)
    } catch (error) {
      if (error instanceof RequestRefusal) return this.errorReply(error.status, error.wording)
      throw error
    }
  }

  #route(request: ReceivedRequest): Promise<Reply> | Reply {
    const { path, method } = request
    const listed = path.startsWith('/v1/models')
    if (method !== (listed ? 'GET' : 'POST')) {
      throw new RequestRefusal(405, `Not allowed to ${method} on ${path}.`, null, 'method_not_supported')
    }
    if (path === '/v1/models') return this.#modelList()
    if (listed) return this.#modelPage(path.slice('/v1/models/'.length))
    if (!isObject(request.body)) throw new RequestRefusal(400, 'The body of your request must be a JSON object.')
    return path === '/v1/embeddings' ? this.#embeddings(request.body) : this.#chat(request.body, request)
  }

  async #chat(body: Json, request: ReceivedRequest): Promise<Reply> {
    const model = this.#model(body.model, false)
    if (model.dimensions !== undefined) {
      const message = 'This is not a chat model and thus not supported in the v1/chat/completions endpoint.'
      throw new RequestRefusal(404, message, 'model')
    }
    const accepted = acceptedRequest(body, model)
    const cap = body.max_completion_tokens ?? body.max_tokens ?? 0
    const refused = this.#take(accepted.inputTokens + Number(cap))
    if (refused !== undefined) return refused
    return completionReply(accepted, { reply: this.#options.reply, marked: this.#marked, steps: request.steps })
  }

  #embeddings(body: Json): Reply {
    const reply = embeddingReply(body, this.#model(body.model, true), this.#marked)
    return this.#take(reply.billing?.inputTokens ?? 0) ?? reply
  }

  #take(tokens: number): Reply | undefined {
    return this.#limits.take(tokens, now(), (message, type) =>
      this.errorReply(429, { message, type, param: null, code: 'rate_limit_exceeded' }),
    )
  }

  #model(name: unknown, vectors: boolean): SimulatedModel {
    if (typeof name !== 'string' || name === '') {
      throw new RequestRefusal(400, 'you must provide a model parameter')
    }
    const found = this.#models.find(model => model.id === name)
    if (found !== undefined) return found
    if (this.#options.anyModel === true) {
      const kin = this.#models.find(model => (model.dimensions !== undefined) === vectors)
      return { ...(kin ?? (vectors ? { dimensions: 64 } : {})), reasoning: 'optional', id: name }
    }
    const message = `The model \`${name}\` does not exist or you do not have access to it.`
    throw new RequestRefusal(404, message, null, 'model_not_found')
  }

  #modelList(): Reply {
    const data = this.#models.map(model => this.#entry(model))
    return wholeReply(200, JSON.stringify({ object: 'list', data }), json)
  }

  #modelPage(name: string): Reply {
    const found = this.#models.find(model => encodeURIComponent(model.id) === name || model.id === name)
    return wholeReply(200, JSON.stringify(this.#entry(found ?? this.#model(name, false))), json)
  }

  #entry(model: SimulatedModel): object {
    const marked = this.#marked && { simulated: true }
    return {
      id: model.id,
      object: 'model',
      created: 1_790_640_000,
      owned_by: 'simulator',
      shutdown_date: null,
      ...marked,
    }
  }

  get #marked(): boolean {
    return this.#options.markSimulated !== false
  }

  errorReply(status: number, error: ErrorWording): Reply {
    return wholeReply(status, this.errorBody(error), json)
  }

  keyRefusal(credential: string | undefined): ErrorWording {
    return keyRefusal(credential)
  }

  wording(status: number): ErrorWording {
    return statusWording(status)
  }

  errorBody({ message, type, param, code }: ErrorWording): string {
    return JSON.stringify({ error: { message, type, param, code } })
  }

  errorEvent(error: ErrorWording, streamed: boolean): string {
    return streamed ? `data: ${this.errorBody(error)}\n\n` : this.errorBody(error)
  }

  malformedEvent(text: string, streamed: boolean): string {
    return streamed ? `data: ${text}\n\n` : text
  }

  headers(request: { readonly id: string; readonly receivedAt: number }): Record<string, string> {
    const nowMs = now()
    return {
      'x-request-id': request.id,
      'openai-processing-ms': String(Math.round(nowMs - request.receivedAt)),
      'openai-version': '2020-10-01',
      'openai-organization': 'org-sim',
      ...this.#limits.headers(nowMs),
    }
  }
}
