import type { AssistantPart, JsonObject, Message, UserMessage } from '@switchyard/core/contract'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { fault, kindOf, listAt, objectAt, optionalText, textAt } from '../field-checks.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { CallPairing } from './call-pairing.ts'
import { decodeContent } from './decode-content.ts'
import { decodeFunctionCall } from './function-calls.ts'
import { decodeSpoken, messageExtra } from './message-items.ts'
import { dialect } from './names.ts'
import { isClientItem } from './opaque-items.ts'
import { decodeReasoning } from './reasoning-items.ts'

const plainFields = new Set(['role', 'content'])
const resultFields = new Set(['type', 'call_id', 'output'])
// what needs no binding
const messageFields = new Set(['role', 'content', 'type', 'status', 'phase'])
const callFields = new Set(['type', 'call_id', 'name', 'arguments', 'status'])
const outputFields = new Set(['type', 'call_id', 'output', 'status'])
const reasoningFields = new Set(['type', 'summary', 'content', 'encrypted_content', 'status'])
const spokenFields = new Set(['type', 'text', 'refusal', 'logprobs'])

/**
 * The items of `input` as messages; what the model said in a row is one message. `stored`: earlier items may be known
 * to the server alone.
 * @throws {SwitchyardError} `invalid-request`, naming the item and the field.
 */
export function decodeInput(items: readonly unknown[], reading: RequestReading, stored: boolean): Message[] {
  return new InputDecoder(reading, stored).decode(items)
}

class InputDecoder {
  readonly #reading: RequestReading
  readonly #calls: CallPairing
  readonly #messages: Message[] = []
  #turn: AssistantPart[] = []
  /** The reasoning item right before. */
  #after: string | undefined

  constructor(reading: RequestReading, stored: boolean) {
    this.#reading = reading
    this.#calls = new CallPairing(stored)
  }

  decode(items: readonly unknown[]): Message[] {
    items.forEach((item, at) => {
      this.#item(objectAt(item, `input[${at}]`), `input[${at}]`)
    })
    this.#endTurn()
    this.#calls.end()
    return this.#messages
  }

  #item(item: JsonObject, path: string): void {
    const after = this.#after
    this.#after = undefined
    const type = optionalText(item.type, `${path}.type`) ?? (item.role === undefined ? undefined : 'message')
    switch (type) {
      case undefined:
        throw fault(`${path}.type`, 'is missing; send "message", "function_call", "function_call_output", "reasoning".')
      case 'message':
        this.#message(item, path, after)
        return
      case 'function_call':
        this.#call(item, path, after)
        return
      case 'function_call_output':
        this.#output(item, path)
        return
      case 'reasoning':
        this.#reasoning(item, path)
        return
      default:
        this.#reading.bound.push(path)
        this.#other(item, type)
    }
  }

  #message(item: JsonObject, path: string, after: string | undefined): void {
    const role = textAt(item.role, `${path}.role`)
    switch (role) {
      case 'user':
      case 'system':
      case 'developer':
        this.#endTurn()
        this.#messages.push(this.#plain(item, role, path))
        return
      case 'assistant':
        this.#spoken(item, path, after)
        return
      default:
        throw fault(`${path}.role`, `is "${role}"; it must be user, assistant, system or developer.`)
    }
  }

  #plain(item: JsonObject, role: 'user' | 'system' | 'developer', path: string): Message {
    const rest = unknownFields(item, plainFields)
    bindUnknown(this.#reading, rest, messageFields, path)
    // later system messages are told as the developer's anyway
    const usual = role === 'developer' && this.#messages.some(message => message.role !== 'system')
    if (role !== 'user' && !usual) rest.role = role
    return {
      role: role === 'user' ? 'user' : 'system',
      content: decodeContent(item.content, `${path}.content`, role, this.#reading),
      ...keepExtra(dialect, rest),
    } as Message
  }

  #spoken(item: JsonObject, path: string, after: string | undefined): void {
    const marker = messageExtra(item, after)
    bindUnknown(this.#reading, item, messageFields, path)
    const { content } = item
    if (typeof content === 'string') {
      const told = { item: { ...marker, asText: true } }
      this.#turn.push({ type: 'text', text: content, extra: { [dialect]: told } })
      return
    }
    if (!Array.isArray(content) || content.length === 0)
      throw fault(`${path}.content`, `must be a string or a list of parts, and is ${kindOf(content)}.`)
    content.forEach((entry, at) => {
      const place = `${path}.content[${at}]`
      this.#turn.push(this.#spokenPart(objectAt(entry, place), at === 0 ? marker : undefined, place))
    })
  }

  #spokenPart(part: JsonObject, marker: JsonObject | undefined, path: string): AssistantPart {
    const type = textAt(part.type, `${path}.type`)
    if (type === 'output_text') textAt(part.text, `${path}.text`)
    else if (type === 'refusal') textAt(part.refusal, `${path}.refusal`)
    else if (type.startsWith('input_'))
      throw fault(`${path}.type`, `may not be "${type}" in a message of role "assistant"; send "output_text".`)
    else this.#reading.bound.push(path)
    if (type === 'output_text' || type === 'refusal') bindUnknown(this.#reading, part, spokenFields, path)
    return decodeSpoken(part, marker, false)
  }

  #call(item: JsonObject, path: string, after: string | undefined): void {
    const callId = textAt(item.call_id, `${path}.call_id`)
    if (callId === '') throw fault(`${path}.call_id`, 'is empty; each function_call needs its own.')
    if (textAt(item.name, `${path}.name`) === '') throw fault(`${path}.name`, 'is empty.')
    textAt(item.arguments, `${path}.arguments`)
    bindUnknown(this.#reading, item, callFields, path)
    this.#turn.push(decodeFunctionCall(item, this.#calls.call(callId, `${path}.call_id`), after))
  }

  #reasoning(item: JsonObject, path: string): void {
    const id = optionalText(item.id, `${path}.id`)
    optionalText(item.encrypted_content, `${path}.encrypted_content`)
    for (const field of ['summary', 'content'] as const) {
      if (item[field] === undefined || (field === 'content' && item[field] === null)) continue
      listAt(item[field], `${path}.${field}`).forEach((entry, at) => {
        const place = `${path}.${field}[${at}]`
        textAt(objectAt(entry, place).text, `${place}.text`)
      })
    }
    if (item.summary === undefined) throw fault(`${path}.summary`, 'is missing; send a list, which may be empty.')
    bindUnknown(this.#reading, item, reasoningFields, path)
    this.#turn.push(decodeReasoning(item))
    this.#after = id
  }

  #output(item: JsonObject, path: string): void {
    this.#endTurn()
    const wireId = textAt(item.call_id, `${path}.call_id`)
    const callId = this.#calls.answer(wireId, `${path}.call_id`)
    const rest = unknownFields(item, resultFields)
    bindUnknown(this.#reading, rest, outputFields, path)
    if (wireId !== callId) rest.call_id = wireId
    const content = decodeContent(item.output, `${path}.output`, 'tool', this.#reading)
    this.#messages.push({
      role: 'tool',
      content: [{ type: 'tool-result', callId, content }],
      ...keepExtra(dialect, rest),
    })
  }

  #other(item: JsonObject, type: string): void {
    const part = { type: 'opaque', origin: dialect, value: item } as const
    if (!isClientItem(type)) {
      this.#turn.push(part)
      return
    }
    this.#endTurn()
    const message: UserMessage = { role: 'user', content: [part], extra: { [dialect]: { items: true } } }
    this.#messages.push(message)
  }

  #endTurn(): void {
    const content = this.#turn
    if (content.length === 0) return
    this.#turn = []
    this.#messages.push({ role: 'assistant', content: shortForm(content) })
  }
}

// a lone text as a string, which says the same
function shortForm(content: AssistantPart[]): string | AssistantPart[] {
  const [only] = content
  if (content.length !== 1 || only?.type !== 'text' || only.refusal || only.text === '') return content
  const { item, ...rest } = extraOf(only, dialect)
  const plain = Object.keys(rest).length === 0 && Object.keys(item as JsonObject).length === 1
  return plain && (item as JsonObject).asText === true ? only.text : content
}
