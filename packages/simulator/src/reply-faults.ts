import { errorBody } from './error-shapes.ts'
import type { ErrorEventFault, StatusFault, Step } from './fault.ts'
import { type Reply, type ReplyPiece, wholeReply } from './reply.ts'
import type { SimulatedApi } from './simulated-api.ts'
import { findStep, hasStep } from './step-lookup.ts'

/** The error that a status fault asks for. */
export function statusReply(fault: StatusFault, api: SimulatedApi, credential: string | undefined): Reply {
  const wording = spoken(fault, api.wording(fault.status), credential)
  const made =
    fault.body === undefined
      ? errorBody(fault.shape ?? 'native', wording, error => api.errorBody(error))
      : { body: fault.body, contentType: fault.body.trimStart().startsWith('<') ? 'text/html' : 'application/json' }
  return wholeReply(fault.status, made.body, {
    'content-type': made.contentType,
    ...(fault.retryAfter !== undefined && { 'retry-after': String(fault.retryAfter) }),
    ...fault.headers,
  })
}

/** A good reply with the faults that change what it says. */
export function faultyReply(
  reply: Reply,
  steps: readonly Step[],
  api: SimulatedApi,
  credential: string | undefined,
): Reply {
  if (reply.status !== 200) return reply
  let pieces: readonly ReplyPiece[] = reply.pieces
  if (hasStep(steps, 'no-terminator') || hasStep(steps, 'no-finish')) {
    pieces = pieces.filter(piece => piece.role !== 'terminator')
  }
  if (hasStep(steps, 'no-finish')) pieces = pieces.filter(piece => piece.role !== 'finish')
  if (hasStep(steps, 'no-usage')) pieces = pieces.filter(piece => piece.role !== 'usage')
  const malformed = findStep(steps, 'malformed-event')
  if (malformed !== undefined) {
    const event = api.malformedEvent(malformed.text ?? '{"id": "broken', reply.streamed)
    const { atEvent } = malformed
    // a whole answer is one event, and that is the one
    pieces = reply.streamed ? [...pieces.slice(0, atEvent), content(event), ...pieces.slice(atEvent)] : [content(event)]
  }
  const inBand = findStep(steps, 'error-event')
  if (inBand !== undefined) {
    const event = api.errorEvent(spoken(inBand, api.wording(500), credential), reply.streamed)
    pieces = reply.streamed ? [...pieces.slice(0, inBand.atEvent), content(event)] : [content(event)]
  }
  if (hasStep(steps, 'comments') && reply.streamed) {
    pieces = pieces.map(piece => ({ ...piece, text: `: keep-alive\n\n${piece.text}` }))
  }
  return { ...reply, pieces }
}

function content(text: string): ReplyPiece {
  return { text, role: 'content', tokens: 0 }
}

function spoken(
  fault: StatusFault | ErrorEventFault,
  usual: ReturnType<SimulatedApi['wording']>,
  credential: string | undefined,
): ReturnType<SimulatedApi['wording']> {
  const message = fault.message ?? usual.message
  return {
    message: fault.echoKey && credential !== undefined ? `${message} You sent the key ${credential}.` : message,
    code: fault.code ?? usual.code,
    type: fault.errorType ?? usual.type,
    param: usual.param,
  }
}
