import type {
  AssistantMessage,
  Message,
  OpaquePart,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
  UserMessage,
  UserPart,
} from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { toolCallId } from '../tool-call-id.ts'

export interface RepairOptions {
  /** Results in the order of their calls, for a wire that knows them by their place; default `false`. */
  readonly resultsInOrder?: boolean
  /** Whether a call has to be answered; default: each has. */
  readonly needsResult?: (call: ToolCallPart) => boolean
  /** The ids of calls within an opaque part, which may be answered; default: none. */
  readonly opaqueCallIds?: (part: OpaquePart) => readonly string[]
}

/**
 * A conversation that any server takes: each tool call answered once, right after the message that made it, under an
 * id of at most 40 of `[A-Za-z0-9_-]`. What has no answer gets one that says so, what answers nothing becomes a text of
 * the user, both with a warning. The messages themselves where nothing is wrong with them.
 *
 * @throws {SwitchyardError} `unsupported` instead of a warning, when strict.
 */
export function repairedConversation(
  messages: readonly Message[],
  dropped: Dropped,
  options: RepairOptions = {},
): readonly Message[] {
  return isSound(messages, options) ? messages : new Repair(messages, dropped, options).messages()
}

function isSound(messages: readonly Message[], { resultsInOrder, needsResult, opaqueCallIds }: RepairOptions): boolean {
  let optional: readonly string[] = []
  const open: string[] = []
  for (const message of messages) {
    if (message.role === 'tool') {
      for (const { callId } of message.content) {
        const at = open.indexOf(callId)
        if (at === -1 && optional.includes(callId)) continue
        if (at === -1 || (resultsInOrder && at > 0)) return false
        open.splice(at, 1)
      }
    } else {
      if (open.length > 0) return false
      if (optional.length > 0) optional = []
      if (message.role !== 'assistant' || typeof message.content === 'string') continue
      for (const part of message.content) {
        if (part.type === 'opaque' && opaqueCallIds) optional = [...optional, ...opaqueCallIds(part)]
        if (part.type !== 'tool-call') continue
        if (toolCallId(part.id) !== part.id || open.includes(part.id)) return false
        if (needsResult?.(part) !== false) open.push(part.id)
        else optional = [...optional, part.id]
      }
    }
  }
  return open.length === 0
}

interface Answer {
  readonly result: ToolResultPart
  readonly message: ToolMessage
}

/** One call of the conversation and what answers it. */
interface Call {
  readonly id: string
  /** Absent for a call in an opaque part. */
  readonly part?: ToolCallPart
  readonly place: string
  answer?: Answer
}

class Repair {
  readonly #messages: readonly Message[]
  readonly #dropped: Dropped
  readonly #options: RepairOptions
  readonly #calls = new Map<Message, readonly Call[]>()
  // results that answer nothing, and those that say again what was said
  readonly #orphans = new Set<ToolResultPart>()

  constructor(messages: readonly Message[], dropped: Dropped, options: RepairOptions) {
    this.#messages = messages
    this.#dropped = dropped
    this.#options = options
    this.#pair()
  }

  messages(): readonly Message[] {
    const repaired: Message[] = []
    for (const message of this.#messages) {
      if (message.role === 'tool') repaired.push(...this.#leftOver(message))
      else {
        repaired.push(withFitIds(message))
        const results = this.#results(this.#calls.get(message) ?? [])
        if (results.length > 0) repaired.push(...results)
      }
    }
    return repaired
  }

  #pair(): void {
    const open = new Map<string, Call[]>()
    const answered = new Set<string>()
    for (const [at, message] of this.#messages.entries()) {
      if (message.role === 'assistant') {
        const calls = this.#callsOf(message, at)
        this.#calls.set(message, calls)
        for (const call of calls) open.set(call.id, [...(open.get(call.id) ?? []), call])
      } else if (message.role === 'tool') {
        for (const [index, result] of message.content.entries()) {
          // servers that number their calls anew in each answer: the latest is meant
          const call = open.get(result.callId)?.findLast(each => each.answer === undefined)
          if (call !== undefined) {
            call.answer = { result, message }
            answered.add(result.callId)
          } else this.#setAside(result, `messages[${at}].content[${index}]`, answered.has(result.callId))
        }
      }
    }
  }

  #callsOf({ content }: AssistantMessage, at: number): readonly Call[] {
    if (typeof content === 'string') return []
    return content.flatMap((part, index): readonly Call[] => {
      const place = `messages[${at}].content[${index}]`
      if (part.type === 'tool-call') return [{ id: part.id, part, place }]
      if (part.type !== 'opaque') return []
      return (this.#options.opaqueCallIds?.(part) ?? []).map(id => ({ id, place }))
    })
  }

  #setAside(result: ToolResultPart, place: string, again: boolean): void {
    if (again) this.#dropped.add(place, 'it answers a call that is answered already, and is left out')
    else {
      this.#dropped.add(place, 'it answers no tool call of this conversation, and is sent as a text of the user')
      this.#orphans.add(result)
    }
  }

  #results(calls: readonly Call[]): readonly ToolMessage[] {
    const content: ToolResultPart[] = []
    const sources = new Set<ToolMessage>()
    for (const { id, part, place, answer } of calls) {
      const callId = part === undefined ? id : toolCallId(id)
      if (answer !== undefined) {
        content.push(answer.result.callId === callId ? answer.result : { ...answer.result, callId })
        sources.add(answer.message)
      } else if (part !== undefined && this.#options.needsResult?.(part) !== false) {
        this.#dropped.add(place, 'this tool call has no result; one is added that says so')
        content.push({
          type: 'tool-result',
          callId,
          name: part.name,
          content: 'No result was recorded.',
          isError: true,
        })
      }
    }
    if (content.length === 0) return []
    const [source] = sources
    return [{ role: 'tool', content, ...(sources.size === 1 && source?.extra && { extra: source.extra }) }]
  }

  #leftOver(message: ToolMessage): readonly UserMessage[] {
    const content = message.content.filter(result => this.#orphans.has(result)).flatMap(asUserParts)
    return content.length === 0 ? [] : [{ role: 'user', content }]
  }
}

function withFitIds<Each extends Message>(message: Each): Each {
  if (message.role !== 'assistant' || typeof message.content === 'string') return message
  if (message.content.every(part => part.type !== 'tool-call' || toolCallId(part.id) === part.id)) return message
  const content = message.content.map(part => (part.type === 'tool-call' ? { ...part, id: toolCallId(part.id) } : part))
  return { ...message, content }
}

function asUserParts({ name, content, isError }: ToolResultPart): readonly UserPart[] {
  const what = `${isError ? 'Error' : 'Result'} of ${name ?? 'a tool'}:`
  if (typeof content === 'string') return [{ type: 'text', text: `${what} ${content}` }]
  return [{ type: 'text', text: what }, ...content]
}
