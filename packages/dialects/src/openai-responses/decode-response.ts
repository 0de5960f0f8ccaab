import { type JsonObject, type MessageResponse, type ResponsePart, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { isObject } from '../json.ts'
import { decodeErrorEvent } from '../openai/decode-error.ts'
import { answerSeed, decodeAnswerStart } from './answer-start.ts'
import { decodeFinish } from './finish-reason.ts'
import { decodeFunctionCall } from './function-calls.ts'
import { decodeSpoken, messageExtra } from './message-items.ts'
import { dialect } from './names.ts'
import { wantsClient } from './opaque-items.ts'
import { decodeReasoning } from './reasoning-items.ts'
import { decodeUsage } from './usage.ts'

/** A whole answer. @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeResponse(value: unknown, context: AnswerContext): MessageResponse {
  if (!isObject(value)) throw malformed('the answer is not a JSON object', context)
  if (value.status === 'failed' || isObject(value.error)) throw decodeErrorEvent(value, context)
  if (!Array.isArray(value.output)) throw malformed('the answer has no output', context)
  const output = new OutputDecoder(new AnswerCallIds(answerSeed(value, context)))
  value.output.forEach((item: unknown, at) => {
    if (!isObject(item)) throw malformed(`output[${at}] is not an object`, context)
    output.add(item, at)
  })
  const usage = decodeUsage(value.usage, value.tool_usage)
  return {
    ...decodeAnswerStart(value, context),
    content: output.parts,
    ...decodeFinish(value, output),
    ...(usage && { usage }),
  }
}

class OutputDecoder {
  readonly parts: ResponsePart[] = []
  calls = false
  refusal = false
  readonly #ids: AnswerCallIds
  #after: string | undefined

  constructor(ids: AnswerCallIds) {
    this.#ids = ids
  }

  add(item: JsonObject, at: number): void {
    const after = this.#after
    this.#after = undefined
    const from = this.parts.length
    if (item.type === 'message') this.#message(item, after)
    else if (item.type === 'function_call') {
      this.calls = true
      this.parts.push(decodeFunctionCall(item, this.#ids.take(item.call_id, 0, at), after))
    } else if (item.type === 'reasoning') {
      this.parts.push(decodeReasoning(item))
      if (typeof item.id === 'string') this.#after = item.id
    } else {
      if (wantsClient(item)) this.calls = true
      this.parts.push({ type: 'opaque', origin: dialect, value: item })
    }
    const last = this.parts.at(-1)
    // a limit cuts what was being said last
    if (item.status === 'incomplete' && last !== undefined && this.parts.length > from && isCut(last))
      this.parts[this.parts.length - 1] = { ...last, complete: false }
  }

  #message(item: JsonObject, after: string | undefined): void {
    if (!Array.isArray(item.content)) return
    item.content.filter(isObject).forEach((part, at) => {
      if (part.type === 'refusal') this.refusal = true
      this.parts.push(decodeSpoken(part, at === 0 ? messageExtra(item, after) : undefined, true))
    })
  }
}

// a call whose arguments parse was whole
function isCut(part: ResponsePart): boolean {
  return part.type !== 'tool-call' || part.invalid !== undefined
}

function malformed(what: string, context: AnswerContext): SwitchyardError {
  return new SwitchyardError('protocol', `${targetName(context)}: ${what}.`, callDetails(context))
}
