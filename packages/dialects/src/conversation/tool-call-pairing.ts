import { fault } from '../field-checks.ts'
import { madeToolCallId, toolCallId } from '../tool-call-id.ts'

interface PendingCall {
  readonly id: string
  readonly path: string
}

/** Watches that tool calls and their answers belong together, and gives each call an id that is ours. */
export class ToolCallPairing {
  #pending = new Map<string, PendingCall>()
  #answered = new Set<string>()
  readonly #used = new Set<string>()
  // legacy calls are known by name, and need no answer
  readonly #legacy = new Map<string, string>()

  /** A message that is no tool's answer begins. */
  turn(path: string): void {
    const [open] = this.#pending
    if (open !== undefined) {
      const [wireId, call] = open
      throw fault(
        call.path,
        `("${wireId}") is not answered before ${path}; each tool call needs a message of role "tool" right after it.`,
      )
    }
    this.#answered.clear()
  }

  call(wireId: string, path: string): string {
    return this.#begin(wireId, this.#unique(toolCallId(wireId), wireId), path)
  }

  /** A call that is kept as it came: its id must be known by it alone, and may come again. */
  opaqueCall(wireId: string, path: string): string {
    const id = toolCallId(wireId)
    this.#used.add(id)
    return this.#begin(wireId, id, path)
  }

  #begin(wireId: string, id: string, path: string): string {
    if (this.#pending.has(wireId)) throw fault(path, `("${wireId}") is used twice; each tool call needs its own id.`)
    this.#pending.set(wireId, { id, path })
    return id
  }

  answer(wireId: string, path: string): string {
    const call = this.#pending.get(wireId)
    if (call === undefined) {
      const why = this.#answered.has(wireId)
        ? 'answers a call that is answered already; send one message for each call.'
        : 'answers no earlier tool call; it must be the id of a call in the assistant message before it.'
      throw fault(path, `("${wireId}") ${why}`)
    }
    this.#pending.delete(wireId)
    this.#answered.add(wireId)
    return call.id
  }

  legacyCall(name: string, path: string): string {
    const id = this.#unique(madeToolCallId(`${path}:${name}`), path)
    this.#legacy.set(name, id)
    return id
  }

  legacyAnswer(name: string, path: string): string {
    const id = this.#legacy.get(name)
    if (id === undefined)
      throw fault(path, `("${name}") answers no earlier function_call of that name in an assistant message.`)
    return id
  }

  // servers that number their calls anew in each answer give the same id twice
  #unique(id: string, seed: string): string {
    let unique = id
    for (let again = 1; this.#used.has(unique); again++) unique = madeToolCallId(`${seed}#${again}`)
    this.#used.add(unique)
    return unique
  }
}
