import { fail, ok } from 'node:assert/strict'
import {
  type CallContext,
  type EmbeddingRequest,
  type EmbeddingResponse,
  type ErrorKind,
  isSwitchyardError,
  type MessageChunk,
  type MessageRequest,
  type MessageResponse,
  type MessageStream,
  type ModelFacts,
  type ModelFactsPort,
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

/** @throws {AssertionError} when the provider has no `embed` and does not say so in `skip`. */
export async function embedding(
  bench: Bench,
  request: EmbeddingRequest,
  context?: CallContext,
): Promise<EmbeddingResponse> {
  ok(bench.provider.embed !== undefined, 'there is no embed, and `skip` does not name "embeddings"')
  return bench.provider.embed(request, context)
}

/** @throws {AssertionError} when the provider has no `countTokens` and does not say so in `skip`. */
export async function tokenCount(bench: Bench, request: MessageRequest, context?: CallContext): Promise<number> {
  ok(bench.provider.countTokens !== undefined, 'there is no countTokens, and `skip` does not name "token count"')
  return bench.provider.countTokens(request, context)
}

/** What is known of models anyway, and this of each. */
export function knowing(bench: Bench, more: ModelFacts): ModelFactsPort {
  return (provider, model) => {
    const known = bench.facts(provider, model)
    return { ...known, ...more, capabilities: { ...known?.capabilities, ...more.capabilities } }
  }
}

/** The newest request for an answer that the server saw, as its dialect reads it. @throws when there was none. */
export function sentRequest(bench: Bench): MessageRequest {
  const request = bench.simulator.requests.findLast(({ method }) => method === 'POST')
  ok(request !== undefined, 'no request was sent')
  return bench.readRequest(request)
}
