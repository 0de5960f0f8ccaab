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
import { madeToolCallId, toolCallId } from '../tool-call-id.ts'

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
  const optional = new Set<string>()
  const open = new Set<string>()
  let order: string[] = []
  let answered = 0
  for (const message of messages) {
    if (message.role === 'tool') {
      for (const { callId } of message.content) {
        if (open.delete(callId)) {
          if (resultsInOrder && order[answered++] !== callId) return false
        } else if (!optional.has(callId)) return false
      }
    } else {
      if (open.size > 0) return false
      optional.clear()
      order = []
      answered = 0
      if (message.role !== 'assistant' || typeof message.content === 'string') continue
      for (const part of message.content) {
        if (part.type === 'opaque') for (const id of opaqueCallIds?.(part) ?? []) optional.add(id)
        if (part.type !== 'tool-call') continue
        if (toolCallId(part.id) !== part.id || open.has(part.id)) return false
        if (needsResult?.(part) === false) optional.add(part.id)
        else {
          open.add(part.id)
          order.push(part.id)
        }
      }
    }
  }
  return open.size === 0
}

interface Answer {
  readonly result: ToolResultPart
  readonly message: ToolMessage
}

/** One call of the conversation and what answers it. */
interface Call {
  /** As the conversation has it. */
  readonly id: string
  /** As it is sent. */
  readonly fitId: string
  /** Absent for a call in an opaque part. */
  readonly part?: ToolCallPart
  readonly place: string
  answer?: Answer
}

class Repair {
  readonly #messages: readonly Message[]
  readonly #dropped: Dropped
  readonly #options: RepairOptions
  // by the places of their messages, for one message may stand in several
  readonly #calls = new Map<number, readonly Call[]>()
  readonly #orphans = new Map<number, ToolResultPart[]>()

  constructor(messages: readonly Message[], dropped: Dropped, options: RepairOptions) {
    this.#messages = messages
    this.#dropped = dropped
    this.#options = options
    this.#pair()
  }

  messages(): readonly Message[] {
    return this.#messages.flatMap((message, at): readonly Message[] => {
      if (message.role === 'tool') return asUserMessage(this.#orphans.get(at))
      if (message.role !== 'assistant') return [message]
      const calls = this.#calls.get(at) ?? []
      return [withFitIds(message, calls), ...this.#results(calls)]
    })
  }

  #pair(): void {
    const open = new Map<string, Call[]>()
    const answered = new Set<string>()
    for (const [at, message] of this.#messages.entries()) {
      if (message.role === 'assistant') {
        const calls = this.#callsOf(message, at)
        this.#calls.set(at, calls)
        // servers that number their calls anew in each answer: the first of the latest is meant
        for (const call of calls.toReversed()) {
          const before = open.get(call.id)
          if (before === undefined) open.set(call.id, [call])
          else before.push(call)
        }
      } else if (message.role === 'tool') {
        for (const [index, result] of message.content.entries()) {
          const call = open.get(result.callId)?.pop()
          if (call !== undefined) {
            call.answer = { result, message }
            answered.add(result.callId)
          } else this.#setAside(result, at, index, answered.has(result.callId))
        }
      }
    }
  }

  #callsOf({ content }: AssistantMessage, at: number): readonly Call[] {
    if (typeof content === 'string') return []
    const used = new Set<string>()
    return content.flatMap((part, index): readonly Call[] => {
      const place = `messages[${at}].content[${index}]`
      if (part.type === 'tool-call') return [{ id: part.id, fitId: fitId(part.id, used), part, place }]
      if (part.type !== 'opaque') return []
      return (this.#options.opaqueCallIds?.(part) ?? []).map(id => ({ id, fitId: id, place }))
    })
  }

  #setAside(result: ToolResultPart, at: number, index: number, again: boolean): void {
    const place = `messages[${at}].content[${index}]`
    if (again) this.#dropped.add(place, 'it answers a call that is answered already, and is left out')
    else {
      this.#dropped.add(place, 'it answers no tool call of this conversation, and is sent as a text of the user')
      const others = this.#orphans.get(at)
      if (others === undefined) this.#orphans.set(at, [result])
      else others.push(result)
    }
  }

  #results(calls: readonly Call[]): readonly ToolMessage[] {
    const content: ToolResultPart[] = []
    const sources = new Set<ToolMessage>()
    for (const { fitId: callId, part, place, answer } of calls) {
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
}

/** An id that every server takes, and that no other call of the message has. */
function fitId(id: string, used: Set<string>): string {
  let fit = toolCallId(id)
  for (let again = 1; used.has(fit); again++) fit = madeToolCallId(`${id}#${again}`)
  used.add(fit)
  return fit
}

function withFitIds(message: AssistantMessage, calls: readonly Call[]): AssistantMessage {
  if (typeof message.content === 'string' || calls.every(({ id, fitId }) => id === fitId)) return message
  const ids = calls.flatMap(({ part, fitId }) => (part === undefined ? [] : [fitId])).values()
  const content = message.content.map(part =>
    part.type === 'tool-call' ? { ...part, id: ids.next().value ?? part.id } : part,
  )
  return { ...message, content }
}

function asUserMessage(orphans: readonly ToolResultPart[] = []): readonly UserMessage[] {
  return orphans.length === 0 ? [] : [{ role: 'user', content: orphans.flatMap(asUserParts) }]
}

function asUserParts({ name, content, isError }: ToolResultPart): readonly UserPart[] {
  const what = `${isError ? 'Error' : 'Result'} of ${name ?? 'a tool'}:`
  if (typeof content === 'string') return [{ type: 'text', text: `${what} ${content}` }]
  return [{ type: 'text', text: what }, ...content]
}
