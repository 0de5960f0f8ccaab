import { errorBody } from './error-shapes.ts'
import type { ErrorWording } from './error-wording.ts'
import type { ErrorEventFault, StatusFault, Step } from './fault.ts'
import { type Reply, type ReplyPiece, wholeReply } from './reply.ts'
import type { SimulatedApi } from './simulated-api.ts'
import { findStep, hasStep } from './step-lookup.ts'

/** Whom a faulty reply goes to. */
export interface FaultContext {
  readonly api: SimulatedApi
  readonly requestId: string
  readonly credential: string | undefined
}

/** An error of the api as the body of its status. */
export function errorReply(error: ErrorWording, { api, requestId }: FaultContext): Reply {
  const headers = { 'content-type': 'application/json', ...retryHeader(error, api), ...error.headers }
  return wholeReply(error.status, api.errorBody(error, requestId), headers)
}

/** The error that a status fault asks for. */
export function statusReply(fault: StatusFault, context: FaultContext): Reply {
  const { api, requestId } = context
  const wording = spoken(fault, context)
  const made =
    fault.body === undefined
      ? errorBody(fault.shape ?? 'native', wording, error => api.errorBody(error, requestId))
      : { body: fault.body, contentType: fault.body.trimStart().startsWith('<') ? 'text/html' : 'application/json' }
  return wholeReply(wording.status, made.body, {
    'content-type': made.contentType,
    ...retryHeader(wording, api),
    ...wording.headers,
    ...fault.headers,
  })
}

/** A good reply with the faults that change what it says. */
export function faultyReply(reply: Reply, steps: readonly Step[], context: FaultContext): Reply {
  if (reply.status !== 200) return reply
  const { stream } = reply
  let pieces: readonly ReplyPiece[] = reply.pieces
  if (hasStep(steps, 'no-terminator') || hasStep(steps, 'no-finish')) {
    pieces = pieces.filter(piece => piece.role !== 'terminator')
  }
  if (hasStep(steps, 'no-finish')) pieces = pieces.filter(piece => piece.role !== 'finish')
  if (hasStep(steps, 'no-usage')) pieces = pieces.filter(piece => piece.role !== 'usage')
  const malformed = findStep(steps, 'malformed-event')
  if (malformed !== undefined) {
    const text = malformed.text ?? '{"id": "broken'
    const { atEvent } = malformed
    // a whole answer is one event, and that is the one
    pieces = stream
      ? [...pieces.slice(0, atEvent), content(stream.event(text)), ...pieces.slice(atEvent)]
      : [content(text)]
  }
  const inBand = findStep(steps, 'error-event')
  if (inBand !== undefined) {
    const error = spoken(inBand, context)
    pieces = stream
      ? [...pieces.slice(0, inBand.atEvent), content(stream.error(error, inBand.shape))]
      : [content(context.api.errorBody(error, context.requestId))]
  }
  if (hasStep(steps, 'comments') && stream) {
    pieces = pieces.map(piece => ({ ...piece, text: stream.comment + piece.text }))
  }
  return { ...reply, pieces }
}

function content(text: string): ReplyPiece {
  return { text, role: 'content', tokens: 0 }
}

function retryHeader({ retryAfter }: ErrorWording, api: SimulatedApi): Record<string, string> {
  if (retryAfter === undefined || api.retryAfterIn === 'body') return {}
  return { 'retry-after': String(retryAfter) }
}

function spoken(fault: StatusFault | ErrorEventFault, { api, credential }: FaultContext): ErrorWording {
  const status = fault.type === 'status' ? fault.status : undefined
  const usual = fault.kind === undefined ? api.errorOfStatus(status ?? 500) : api.errorOfKind(fault.kind)
  const message = fault.message ?? usual.message
  const retryAfter = fault.type === 'status' ? fault.retryAfter : undefined
  return {
    ...usual,
    status: status ?? usual.status,
    message: fault.echoKey && credential !== undefined ? `${message} You sent the key ${credential}.` : message,
    type: fault.errorType ?? usual.type,
    ...(fault.code !== undefined && { code: fault.code }),
    ...(retryAfter !== undefined && { retryAfter }),
  }
}
