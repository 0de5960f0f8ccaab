import { type CallContext, type DisposeOptions, isSwitchyardError, SwitchyardError } from '@switchyard/core/contract'
import { errorDetails, errorText, jsonBody, mediaType } from './answer-body.ts'
import { type HeaderReader, readText } from './body-reader.ts'
import type { HttpProviderDefinition } from './http-provider.ts'
import type { AnswerFacts, ErrorReply, WireCall, WireProtocol, WireReply } from './wire-protocol.ts'

/** What is sent of a call; a GET where there is no body. */
export type Sent = Pick<WireCall, 'path' | 'body' | 'headers'>

/** An answer that began well. */
interface OpenAnswer {
  readonly reply: WireReply
  readonly facts: AnswerFacts
}

interface CallOptions {
  readonly toolsRequested?: boolean
  /** What is sent is not all and only what was asked. */
  readonly altered?: boolean
  /** Reads a refusal; the provider's own by default. */
  readonly protocol?: WireProtocol
}

/** The HTTP calls of one provider: each is sent once, and either begins to be answered or throws. */
export class ProviderCalls {
  readonly #definition: HttpProviderDefinition
  #disposed = false
  #sending = 0
  #whenSent: (() => void)[] = []

  constructor(definition: HttpProviderDefinition) {
    this.#definition = definition
  }

  /** @throws {SwitchyardError} `unavailable` once the provider is disposed. */
  refuseWhenDisposed(): void {
    if (!this.#disposed) return
    throw new SwitchyardError('unavailable', `Provider "${this.#definition.id}" is disposed: it takes no more calls.`, {
      provider: this.#definition.id,
      unsent: true,
    })
  }

  async dispose(options: DisposeOptions): Promise<void> {
    this.#disposed = true
    // the transport does not know yet of calls that an SDK is preparing
    if (options.drain && this.#sending > 0) await new Promise<void>(resolve => this.#whenSent.push(resolve))
    await this.#definition.transport.dispose(options)
  }

  /** A call that is answered whole. */
  async answer<Answer>(
    call: Sent,
    model: string | undefined,
    context: CallContext,
    read: (body: unknown, facts: AnswerFacts) => Answer,
  ): Promise<Answer> {
    const { reply, facts } = await this.call(call, model, context)
    if (mediaType(reply.headers) === 'text/html') throw pageError(reply, facts)
    return this.whole(reply, facts, read)
  }

  /** The answer as it begins to come. @throws {SwitchyardError} the refusal, explained. */
  async call(call: Sent, model: string | undefined, context: CallContext, how: CallOptions = {}): Promise<OpenAnswer> {
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
    { toolsRequested = false, altered = false, protocol = this.#definition.protocol }: CallOptions,
  ): Promise<OpenAnswer> {
    this.refuseWhenDisposed()
    const { secrets, reasoningOutside } = this.#definition
    const about: { provider: string; model?: string; requestId?: string } = { provider: this.#definition.id }
    if (model !== undefined) about.model = model
    const { signal, timeouts, traceParent } = context
    const method = body === undefined ? 'GET' : 'POST'
    const reply = await this.#send({ method, path, body, headers, signal, timeouts, traceParent, about })
    const requestId = reply.headers.get('x-request-id') ?? reply.headers.get('request-id')
    if (requestId) about.requestId = requestId
    const facts: AnswerFacts = {
      provider: this.#definition.id,
      ...(model !== undefined && { model }),
      secrets,
      toolsRequested,
      ...(requestId && { requestId }),
      ...(reasoningOutside !== undefined && { reasoningOutside }),
    }
    this.#tellRateLimits(reply.headers, protocol, context)
    if (reply.status >= 200 && reply.status < 300) return { reply, facts }
    if (reply.status >= 300 && reply.status < 400) throw redirected(reply, facts)
    const error: ErrorReply = {
      status: reply.status,
      headers: reply.headers,
      body: await errorText(reply.body, signal),
    }
    const refusal = protocol.readError(error, facts)
    throw altered && refusal.kind === 'invalid-request' ? refusal.with({ altered }) : refusal
  }

  #tellRateLimits(headers: HeaderReader, protocol: WireProtocol, { onRateLimits }: CallContext): void {
    if (onRateLimits === undefined) return
    const limits = this.#definition.readRateLimits?.(headers) ?? protocol.readRateLimits?.(headers)
    if (limits !== undefined && Object.keys(limits).length > 0) onRateLimits(limits)
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

  /** The body of an answer, read by its dialect. */
  async whole<Answer>(
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
}

/** A web page where an answer should be. */
export function pageError(reply: WireReply, facts: AnswerFacts): SwitchyardError {
  reply.body.cancel()
  const message = 'The server answered with a web page: does the base URL point at its API?'
  return new SwitchyardError('protocol', message, errorDetails(reply.status, facts))
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
