import { madeToolCallId, toolCallId } from '../tool-call-id.ts'

interface Call {
  readonly id: string
  readonly wireId: string | undefined
  readonly name: string
  readonly turn: number
}

/**
 * Finds the call that a result answers: by its id, by the function's name, or by the order of both. Clients and
 * servers of this dialect may leave out each of them.
 */
export class CallAnswers {
  readonly #used = new Set<string>()
  readonly #open: Call[] = []
  #turn = 0

  /** An assistant's message begins: what has no id answers its calls, not earlier ones. */
  turn(): void {
    this.#turn++
  }

  /** The id of a call, ours: the wire's where it is fit and new. */
  call(wireId: string | undefined, name: string, place: string): string {
    let id = wireId ? toolCallId(wireId) : madeToolCallId(`${place}:${name}`)
    for (let again = 1; this.#used.has(id); again++) id = madeToolCallId(`${place}:${name}#${again}`)
    this.#used.add(id)
    this.#open.push({ id, wireId, name, turn: this.#turn })
    return id
  }

  /** The id of the call that is answered; one of its own for a result that answers none. */
  answer(wireId: string | undefined, name: string | undefined, place: string): string {
    const at = this.#place(wireId, name)
    const call = at >= 0 ? this.#open.splice(at, 1)[0] : undefined
    return call?.id ?? madeToolCallId(`${place}:${wireId ?? name ?? ''}`)
  }

  #place(wireId: string | undefined, name: string | undefined): number {
    // a server that numbers its calls anew in each answer means the latest
    const byId = wireId ? this.#open.findLastIndex(call => call.wireId === wireId || call.id === wireId) : -1
    if (byId >= 0 || (wireId && !name)) return byId
    return this.#open.findIndex(call => call.turn === this.#turn && (!name || call.name === name))
  }
}
