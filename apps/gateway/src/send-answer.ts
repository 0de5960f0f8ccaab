import { isSwitchyardError, type MessageChunk, type MessageStream, SwitchyardError } from '@switchyard/core'
import { openaiChat } from '@switchyard/dialects'
import { answerHeaders, attemptsHeader, sendJson } from './answer.ts'
import { type CallCost, costHeader } from './call-cost.ts'
import { drained } from './client-connection.ts'
import { inWordsOfHttp } from './errors.ts'
import type { IncomingCall } from './incoming-call.ts'
import type { ReasoningMemory } from './reasoning-memory.ts'
import { recordFailure } from './request-log.ts'
import type { SentStream, StreamKeepAlive } from './stream-keep-alive.ts'

/** What an answer is sent with. */
export interface AnswerParts {
  readonly stream: MessageStream
  /** The client's body. */
  readonly body: unknown
  readonly cost: CallCost
  readonly reasoning: ReasoningMemory
  /** How many attempts were made so far. */
  readonly made: () => number
}

/** Sends an answer in one piece, once it is whole and settled. */
export async function sendWhole(
  call: IncomingCall,
  { stream, body, cost, reasoning, made }: AnswerParts,
): Promise<void> {
  const answer = await stream.response()
  reasoning.keep(answer.content)
  call.record.target = answer.model
  cost.settled(answer.billed)
  const encoded = openaiChat.encodeResponse(answer, { ...fallbacks(call.id), ...clientWishes(body) })
  const headers = { ...answerHeaders(answer, made()), ...(await cost.headers(answer.model)) }
  sendJson(call.response, 200, { ...encoded, ...costField(cost) }, headers)
}

/** Sends an answer as it comes; its end only once it is settled. */
export async function sendStream(
  call: IncomingCall,
  { stream, body, cost, reasoning, made }: AnswerParts,
  keepAlive: StreamKeepAlive,
): Promise<void> {
  const { response, record } = call
  const usageFields = () => costField(cost)
  const encoder = openaiChat.streamEncoder({ ...fallbacks(call.id), ...clientWishes(body), usageFields })
  const batches = stream.batches()
  const keep = reasoning.listener()
  let sent: SentStream | undefined
  const end = (text: string): void => {
    if (encoder.model !== undefined) record.target = encoder.model
    if (takesTrailers(call)) response.addTrailers(trailers(cost, made()))
    response.end(text)
  }
  try {
    for (;;) {
      const read = await batches.next()
      if (read.done === true) break
      const batch = read.value
      if (!response.headersSent) {
        await startStream(call, batch, cost, made())
        sent = keepAlive.begin(response, ': ping\n\n')
      }
      const last = batch[batch.length - 1]
      if (last?.type === 'finish') cost.settled(last.billed)
      const text = encoder.encode(batch)
      keep(batch)
      if (last?.type === 'finish') {
        end(text)
        return
      }
      if (text === '') continue
      sent?.wrote()
      if (!response.write(text)) await drained(response)
    }
    throw new SwitchyardError('truncated', 'The answer ended before it was finished.')
  } catch (error) {
    await stream.cancel(error)
    if (!response.headersSent) throw error
    const told = isSwitchyardError(error)
      ? error
      : new SwitchyardError('unavailable', 'The gateway failed to carry on with this answer; its log says why.')
    cost.settled(told.billed)
    recordFailure(record, told)
    if (told !== error) record.defect = error
    // never the terminator: what was sent is not a whole answer
    end(encoder.error(inWordsOfHttp(told)))
  } finally {
    sent?.end()
  }
}

// what the headers could not know yet
function trailers({ text }: CallCost, attempts: number): Record<string, string> {
  return { [attemptsHeader]: String(attempts), ...(text !== undefined && { [costHeader]: text }) }
}

async function startStream(
  call: IncomingCall,
  batch: readonly MessageChunk[],
  cost: CallCost,
  attempts: number,
): Promise<void> {
  const start = batch[0]
  const headers =
    start?.type === 'start' ? { ...answerHeaders(start, attempts), ...(await cost.headers(start.model)) } : {}
  if (start?.type === 'start') call.record.target = start.model
  call.response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // nginx holds answers back without it
    'x-accel-buffering': 'no',
    ...(takesTrailers(call) && { trailer: `${costHeader}, ${attemptsHeader}` }),
    ...headers,
  })
}

function takesTrailers({ headers }: IncomingCall): boolean {
  return /(?:^|,)\s*trailers\s*(?:;|,|$)/i.test(String(headers.te ?? ''))
}

function costField({ text }: CallCost): { readonly cost?: string } {
  return text === undefined ? {} : { cost: text }
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
