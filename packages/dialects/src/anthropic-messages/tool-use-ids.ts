import { fault } from '../field-checks.ts'
import { toolCallId } from '../tool-call-id.ts'

/** Watches that calls and results belong together as the server wants it, and gives each call an id that is ours. */
export class ToolUseIds {
  readonly #used = new Set<string>()
  #open = new Map<string, string>()
  #answered = new Set<string>()

  /** Nothing more can answer the calls before. @throws {SwitchyardError} where one is not answered. */
  turn(path: string): void {
    const [open] = this.#open
    if (open !== undefined)
      throw fault(
        open[1],
        `("${open[0]}") is not answered before ${path}; each tool_use needs a tool_result in the message after it.`,
      )
    this.#answered = new Set()
  }

  call(wireId: string, path: string): string {
    if (!/^[A-Za-z0-9_-]+$/.test(wireId))
      throw fault(path, `("${wireId}") must be made of letters, digits, underscores and dashes.`)
    if (this.#used.has(wireId)) throw fault(path, `("${wireId}") is used twice; each tool_use needs its own id.`)
    this.#used.add(wireId)
    this.#open.set(wireId, path)
    return toolCallId(wireId)
  }

  answer(wireId: string, path: string): string {
    if (this.#open.delete(wireId)) {
      this.#answered.add(wireId)
      return toolCallId(wireId)
    }
    const why = this.#answered.has(wireId)
      ? 'answers a call that is answered already; send one result for each call.'
      : 'answers no call of the message before; it must be the id of a tool_use there.'
    throw fault(path, `("${wireId}") ${why}`)
  }
}
