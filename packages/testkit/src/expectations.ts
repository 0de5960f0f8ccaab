import { fail, ok } from 'node:assert/strict'
import {
  type CallContext,
  type ErrorKind,
  isSwitchyardError,
  type MessageChunk,
  type MessageRequest,
  type MessageResponse,
  type MessageStream,
  type SwitchyardError,
} from '@switchyard/core/contract'
import type { Bench } from './conformance.ts'

/** A request that says one thing. */
export function asking(bench: Bench, content: string, more: Partial<MessageRequest> = {}): MessageRequest {
  return { model: bench.model, messages: [{ role: 'user', content }], ...more }
}

export async function send(
  bench: Bench,
  request: MessageRequest | string = 'Hi',
  context?: CallContext,
): Promise<MessageStream> {
  return bench.provider.sendMessage(typeof request === 'string' ? asking(bench, request) : request, context)
}

/** The whole answer, streamed unless the request says otherwise. */
export async function answerTo(
  bench: Bench,
  request: MessageRequest | string = 'Hi',
  context?: CallContext,
): Promise<MessageResponse> {
  return (await send(bench, request, context)).response()
}

export async function chunksOf(stream: AsyncIterable<MessageChunk>): Promise<readonly MessageChunk[]> {
  const chunks: MessageChunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

/** The error that a call ends with, of one of these kinds. @throws when it succeeds or fails otherwise. */
export async function failure(call: Promise<unknown>, ...kinds: readonly ErrorKind[]): Promise<SwitchyardError> {
  let value: unknown
  try {
    value = await call
  } catch (error) {
    if (!isSwitchyardError(error)) {
      fail(`it threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}, no SwitchyardError`)
    }
    ok(
      kinds.length === 0 || kinds.includes(error.kind),
      `the error's kind is "${error.kind}" (${error.message}), expected ${kinds.map(kind => `"${kind}"`).join(' or ')}`,
    )
    return error
  }
  fail(`it succeeded with ${JSON.stringify(value)?.slice(0, 200)}, expected ${kinds.join(' or ')}`)
}

/** The body of the newest request that the server saw. */
export function sentBody(bench: Bench): Record<string, unknown> {
  const request = bench.simulator.requests.at(-1)
  ok(request !== undefined, 'no request was sent')
  return request.body as Record<string, unknown>
}
