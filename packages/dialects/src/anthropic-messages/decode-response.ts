import { type JsonObject, type MessageResponse, type ResponsePart, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { keepExtra } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { parseToolArguments } from '../tool-arguments.ts'
import { callExtra, textExtra, thinkingExtra } from './answer-blocks.ts'
import { answerSeed, decodeAnswerStart } from './answer-start.ts'
import { decodeErrorEvent } from './decode-error.ts'
import { dialect } from './names.ts'
import { decodeStopReason, isCut } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'

/** A whole answer. @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeResponse(value: unknown, context: AnswerContext): MessageResponse {
  if (!isObject(value)) throw malformed('the answer is not a JSON object', context)
  if (value.type === 'error' || isObject(value.error)) throw decodeErrorEvent(value, context)
  if (!Array.isArray(value.content)) throw malformed('the answer has no content', context)
  const word = typeof value.stop_reason === 'string' ? value.stop_reason : 'end_turn'
  const said = decodeStopReason(word)
  const content = decodeBlocks(value.content, value, isCut(said), context)
  // servers that imitate this one forget it
  const reason = said === 'stop' && content.some(part => part.type === 'tool-call') ? 'tool-calls' : said
  const { extra, ...start } = decodeAnswerStart(value, context)
  const kept: JsonDraft = { ...extra?.[dialect], ...(reason === 'other' && { stop_reason: word }) }
  const usage = decodeUsage(value.usage)
  return {
    ...start,
    content,
    reason,
    rawReason: word,
    ...(typeof value.stop_sequence === 'string' && { stopSequence: value.stop_sequence }),
    ...(usage && { usage }),
    ...keepExtra(dialect, kept),
  }
}

function decodeBlocks(
  blocks: readonly unknown[],
  message: JsonObject,
  cut: boolean,
  context: AnswerContext,
): readonly ResponsePart[] {
  const ids = new AnswerCallIds(answerSeed(message, context))
  return blocks.map((block, at) => {
    if (!isObject(block)) throw malformed(`content[${at}] is not an object`, context)
    const isLast = cut && at === blocks.length - 1
    const part = decodeBlock(block, at, isLast, ids, context)
    return isLast ? { ...part, complete: false } : part
  })
}

function decodeBlock(
  block: JsonObject,
  at: number,
  cut: boolean,
  ids: AnswerCallIds,
  context: AnswerContext,
): ResponsePart {
  if (block.type === 'text' && typeof block.text === 'string')
    return { type: 'text', text: block.text, ...textExtra(block) }
  if (block.type === 'thinking' && typeof block.thinking === 'string') {
    const { signature } = block
    return {
      type: 'reasoning',
      text: block.thinking,
      ...(typeof signature === 'string' && signature !== '' && { signature }),
      origin: dialect,
      ...thinkingExtra(block, context),
    }
  }
  if (block.type === 'tool_use' && typeof block.name === 'string') {
    const id = ids.take(block.id, 0, at)
    // whether an input that a limit came after was whole is not told
    const text = JSON.stringify(block.input ?? {})
    const parsed = cut ? { invalid: { text, reason: 'the output limit cut the arguments' } } : parseToolArguments(text)
    return { type: 'tool-call', id, name: block.name, ...parsed, ...callExtra(block, id) }
  }
  if (typeof block.type !== 'string') throw malformed(`content[${at}] has no type`, context)
  return { type: 'opaque', origin: dialect, value: block }
}

function malformed(what: string, context: AnswerContext): SwitchyardError {
  return new SwitchyardError('protocol', `${targetName(context)}: ${what}.`, callDetails(context))
}
