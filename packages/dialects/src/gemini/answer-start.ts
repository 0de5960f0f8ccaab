import { type JsonObject, type StartChunk, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { keepExtra } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { providerError } from '../provider-error.ts'
import { redact, shorten } from '../redaction.ts'
import { dialect } from './names.ts'

/** What an answer, or the first event of one, says of the answer as a whole. */
export function decodeAnswerStart(wire: JsonObject, context: AnswerContext): Omit<StartChunk, 'type'> {
  const extra = answerExtra(wire)
  const created = typeof wire.createTime === 'string' ? Date.parse(wire.createTime) : Number.NaN
  return {
    ...(typeof wire.responseId === 'string' && wire.responseId !== '' && { id: wire.responseId }),
    model: targetName(context),
    ...(!Number.isNaN(created) && { created: Math.floor(created / 1000) }),
    ...((context.simulated || wire.simulated === true) && { simulated: true as const }),
    ...keepExtra(dialect, extra),
  }
}

/** The fields of the top level that are not told elsewhere. */
export function answerExtra(wire: JsonObject): JsonDraft {
  const extra: JsonDraft = {}
  for (const key in wire) if (!isToldElsewhere(key)) extra[key] = wire[key]
  return extra
}

export function isToldElsewhere(key: string): boolean {
  return key === 'candidates' || key === 'usageMetadata' || key === 'responseId' || key === 'simulated'
}

/** Seeds the ids of calls that came without one: the answer's own id, or the request's. */
export function answerSeed(wire: JsonObject, context: AnswerContext): string {
  return typeof wire.responseId === 'string' ? wire.responseId : (context.requestId ?? '')
}

/** The fields of a candidate that have no word of ours. */
export function candidateRest(candidate: JsonObject): JsonDraft | undefined {
  let rest: JsonDraft | undefined
  for (const key in candidate) {
    if (key === 'content' || key === 'index' || key === 'finishReason') continue
    rest ??= {}
    rest[key] = candidate[key]
  }
  return rest
}

/**
 * The refusal of a prompt, which comes with status 200 and no candidate. It is an error as with providers that refuse
 * with a status: nothing was answered, nobody is ill, and neither this target nor another shall be asked again.
 */
export function blockedPrompt(wire: JsonObject, context: AnswerContext): SwitchyardError | undefined {
  const feedback = wire.promptFeedback
  if (!isObject(feedback) || typeof feedback.blockReason !== 'string') return undefined
  const { blockReason: code, blockReasonMessage: why } = feedback
  const message = `the prompt was blocked (${code})${typeof why === 'string' ? `: ${why}` : ''}`
  return providerError('content-filter', { message, code }, context)
}

/** A call that the server could not read, and gave nothing of: another try may mend it. */
export function malformedAnswer(word: string, candidate: JsonObject, context: AnswerContext): SwitchyardError {
  const { finishMessage: why } = candidate
  const message = typeof why === 'string' ? why : `the model said what the server could not read (${word})`
  return providerError('protocol', { message, code: word }, context)
}

/** A breach of the wire's rules. */
export function answerFault(kind: 'protocol' | 'truncated', what: string, context: AnswerContext): SwitchyardError {
  const said = shorten(redact(what, context.secrets), 200)
  return new SwitchyardError(kind, `${targetName(context)}: ${said}.`, callDetails(context))
}
