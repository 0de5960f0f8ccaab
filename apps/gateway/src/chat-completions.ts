import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Switchyard } from '@switchyard/config'
import {
  type CallContext,
  type FinishChunk,
  isSwitchyardError,
  type MessageChunk,
  type MessageStream,
  SwitchyardError,
} from '@switchyard/core'
import { openaiChat } from '@switchyard/dialects'
import { answerHeaders, failureHeaders, sendError, sendJson } from './answer.ts'
import { callContext } from './call-context.ts'
import type { Caller } from './callers.ts'
import { abortWithClient, drained } from './client-connection.ts'
import { costHeader, costText } from './cost.ts'
import { parseJsonBody } from './json-body.ts'
import { resolvePermitted } from './permitted-models.ts'
import type { ReasoningMemory } from './reasoning-memory.ts'
import type { RequestRecord } from './request-log.ts'

export interface ChatCompletionsOptions {
  readonly switchyard: Switchyard
  readonly maxMediaBytes: number
  /** Keeps what these clients cannot carry back. */
  readonly reasoning: ReasoningMemory
}

/** One request as the server received it. */
export interface IncomingCall {
  readonly id: string
  readonly caller: Caller
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly response: ServerResponse
  /** Ends the call from our side. */
  readonly controller: AbortController
  /** Filled in as the call goes, for the log. */
  readonly record: RequestRecord
}

/** `POST /v1/chat/completions`: settles when the answer has been sent, or its client has left. Never rejects. */
export async function chatCompletions(call: IncomingCall, options: ChatCompletionsOptions): Promise<void> {
  const { response, controller, record, id } = call
  const attempts = { left: 0, lastResort: true }
  let bound = 0
  const made = (): number => bound - attempts.left
  abortWithClient(response, controller)
  try {
    const body = parseJsonBody(call.body)
    const { model, ...asked } = openaiChat.decodeRequest(body, { maxMediaBytes: options.maxMediaBytes })
    const request = { ...asked, messages: options.reasoning.restored(asked.messages) }
    record.model = model?.slice(0, longestLogged)
    const chain = resolvePermitted(options.switchyard, call.caller, model)
    bound = attempts.left = chain.attemptBound
    const said = callContext(call.headers, call.caller)
    const context: CallContext = { ...said, signal: controller.signal, requestId: id, attempts }
    const stream = await chain.sendMessage(request, context)
    if (request.stream === false) await sendWhole(call, stream, body, made, options.reasoning)
    else await sendStream(call, stream, body, made, options.reasoning)
  } catch (error) {
    fail(call, error, made())
  }
  record.attempts = made()
}

// a name that is longer is wrong, and the log is no place for it
const longestLogged = 256

async function sendWhole(
  call: IncomingCall,
  stream: MessageStream,
  body: unknown,
  made: () => number,
  reasoning: ReasoningMemory,
): Promise<void> {
  const answer = await stream.response()
  reasoning.keep(answer.content)
  call.record.target = answer.model
  const encoded = openaiChat.encodeResponse(answer, { ...fallbacks(call.id), ...clientWishes(body) })
  const cost = costText(answer.billed)
  call.record.cost = cost
  const headers = { ...answerHeaders(answer, made()), ...(cost && { [costHeader]: cost }) }
  sendJson(call.response, 200, { ...encoded, ...(cost && { cost }) }, headers)
}

async function sendStream(
  call: IncomingCall,
  stream: MessageStream,
  body: unknown,
  made: () => number,
  reasoning: ReasoningMemory,
): Promise<void> {
  const { response, record } = call
  const usageFields = ({ billed }: FinishChunk) => {
    const cost = costText(billed)
    return cost === undefined ? {} : { cost }
  }
  const encoder = openaiChat.streamEncoder({ ...fallbacks(call.id), ...clientWishes(body), usageFields })
  const batches = stream.batches()
  const keep = reasoning.listener()
  try {
    for (;;) {
      const read = await batches.next()
      if (read.done === true) break
      const batch = read.value
      if (!response.headersSent) startStream(call, batch, made())
      const text = encoder.encode(batch)
      keep(batch)
      const last = batch[batch.length - 1]
      if (last?.type === 'finish') {
        const cost = costText(last.billed)
        record.cost = cost
        if (cost !== undefined && takesTrailers(call)) response.addTrailers({ [costHeader]: cost })
        response.end(text)
        return
      }
      if (text !== '' && !response.write(text)) await drained(response)
    }
    throw new SwitchyardError('truncated', 'The answer ended before it was finished.')
  } catch (error) {
    await stream.cancel(error)
    if (!response.headersSent) throw error
    const told = isSwitchyardError(error)
      ? error
      : new SwitchyardError('unavailable', 'The gateway failed to carry on with this answer; its log says why.')
    blame(record, told)
    if (told !== error) record.defect = error
    // never the terminator: what was sent is not a whole answer
    response.end(encoder.error(told))
  }
}

function takesTrailers({ headers }: IncomingCall): boolean {
  return /(?:^|,)\s*trailers\s*(?:;|,|$)/i.test(String(headers.te ?? ''))
}

function startStream(call: IncomingCall, batch: readonly MessageChunk[], attempts: number): void {
  const start = batch[0]
  const headers = start?.type === 'start' ? answerHeaders(start, attempts) : {}
  if (start?.type === 'start') call.record.target = start.model
  call.response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // nginx holds answers back without it
    'x-accel-buffering': 'no',
    ...(takesTrailers(call) && { trailer: costHeader }),
    ...headers,
  })
}

function fail(call: IncomingCall, error: unknown, attempts: number): void {
  const { response, record, controller } = call
  if (isSwitchyardError(error)) blame(record, error)
  else record.defect = error
  if (response.destroyed) return
  // with the client still there, an abort is ours
  const told =
    isSwitchyardError(error, 'aborted') && controller.signal.aborted ? stopping(controller.signal.reason, error) : error
  sendError(response, told, failureHeaders(error, attempts))
}

function blame(record: RequestRecord, { kind, attempts }: SwitchyardError): void {
  record.error = kind
  if (attempts.length > 0) {
    record.failures = attempts.map(({ target, kind, status }) => `${target} ${kind}${status ? ` ${status}` : ''}`)
  }
}

function stopping(reason: unknown, error: SwitchyardError): SwitchyardError {
  return isSwitchyardError(reason) ? reason.with({ attempts: error.attempts }) : error
}

function fallbacks(id: string) {
  return { id: `chatcmpl-${id}`, created: Math.floor(Date.now() / 1_000) }
}

/** What the client asked of the answer's form, which no model needs to know. */
function clientWishes(body: unknown): { readonly includeUsage: boolean; readonly functionCall: boolean } {
  const { stream_options: options, functions } = body as {
    readonly stream_options?: { readonly include_usage?: unknown } | null
    readonly functions?: unknown
  }
  return { includeUsage: options?.include_usage === true, functionCall: Array.isArray(functions) }
}
