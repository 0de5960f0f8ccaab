import { isSwitchyardError, type MessageRequest } from '@switchyard/core/contract'
import { decodeRequest } from '@switchyard/dialects/gemini'
import { type AcceptedRequest, seedOf } from '../accepted-request.ts'
import { serverSentHeaders } from '../framing.ts'
import { generatedAnswer } from '../generated-answer.ts'
import type { Json } from '../json-value.ts'
import type { Reply, StreamSpelling } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { hasStep } from '../step-lookup.ts'
import { errorBody } from './error-wording.ts'
import { bodyOf, type GeminiAccount } from './gemini-account.ts'
import { signs } from './gemini-models.ts'
import { thinkingOf } from './generation-rules.ts'
import type { MadeAnswer } from './made-answer.ts'
import { promptTokens } from './prompt-tokens.ts'
import { InvalidArgument } from './refusal.ts'
import { checkRequest } from './request-rules.ts'
import { event, streamedAnswer } from './streamed-answer.ts'
import { wholeAnswer } from './whole-answer.ts'

const stream: StreamSpelling = {
  event,
  error: error => event(errorBody(error)),
  comment: ': keep-alive\r\n\r\n',
}

/** Gemini's answers, whole and as a stream. */
export function generateEndpoints(account: GeminiAccount): readonly Endpoint[] {
  return (['generateContent', 'streamGenerateContent'] as const).map(method => ({
    method: 'POST',
    path: new RegExp(`^/(v1|v1beta)/models/([^/:]+):${method}$`),
    answer: (request, path) => answer(request, path, method, account),
  }))
}

async function answer(
  received: ReceivedRequest,
  path: RegExpExecArray,
  method: string,
  account: GeminiAccount,
): Promise<Reply> {
  const { steps } = received
  const model = account.model(path, method)
  const body = bodyOf(received)
  checkRequest(body, model)
  const streamed = method === 'streamGenerateContent'
  const accepted = acceptedRequest(body, model, path[2] as string, streamed)
  account.take({ inputTokens: accepted.inputTokens })
  const generated = await generatedAnswer(accepted, { reply: account.reply, steps })
  const made: MadeAnswer = {
    ...generated,
    signs: signs(model),
    tellsUsage: !hasStep(steps, 'no-usage'),
    marked: account.marked,
  }
  const { billing } = generated
  if (!streamed) {
    const headers = { 'content-type': 'application/json; charset=UTF-8' }
    return { status: 200, headers, pieces: wholeAnswer(made), billing }
  }
  if (received.query.get('alt') !== 'sse')
    throw new InvalidArgument('The simulator streams server-sent events alone: ask with alt=sse.')
  return { status: 200, headers: serverSentHeaders, pieces: streamedAnswer(made), stream, billing }
}

function acceptedRequest(body: Json, model: SimulatedModel, modelName: string, streamed: boolean): AcceptedRequest {
  const inputTokens = promptTokens(body)
  const window = model.contextWindow ?? 1_048_576
  if (inputTokens >= window) {
    const message = `The input token count (${inputTokens}) exceeds the maximum number of tokens allowed (${window}).`
    throw new InvalidArgument(message)
  }
  const config = (body.generationConfig ?? {}) as Json
  const cap = typeof config.maxOutputTokens === 'number' ? config.maxOutputTokens : undefined
  const seed = seedOf(body.contents)
  return {
    request: readRequest(body, modelName, streamed),
    model,
    modelName,
    inputTokens,
    maxTokens: Math.min(cap ?? model.maxOutputTokens ?? 65_536, window - inputTokens),
    choices: typeof config.candidateCount === 'number' ? config.candidateCount : 1,
    thinking: thinkingOf(config.thinkingConfig, model),
    prefill: 'refused',
    prefillRefusal,
    seed,
    callId: (choice, index) => `fc-${seed}-${choice}${index}`,
  }
}

function prefillRefusal(): InvalidArgument {
  return new InvalidArgument(
    'Please ensure that multiturn requests ends with a user role or a function response.',
    'contents',
  )
}

function readRequest(body: Json, defaultModel: string, streamed: boolean): MessageRequest {
  try {
    return decodeRequest(body, { defaultModel, stream: streamed })
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    throw new InvalidArgument(error.message, error.param)
  }
}
