import { madeToolCallId, toolCallId } from '../tool-call-id.ts'

/** Gives each call of one answer an id of ours: the wire's where it is fit and new. */
export class AnswerCallIds {
  readonly #used = new Set<string>()
  readonly #seed: string

  constructor(seed: string) {
    this.#seed = seed
  }

  take(wireId: unknown, choice: number, at: number): string {
    let id = typeof wireId === 'string' && wireId !== '' ? toolCallId(wireId) : undefined
    for (let again = 0; id === undefined || this.#used.has(id); again++) {
      id = madeToolCallId(`${this.#seed}:${choice}:${at}:${again}:${typeof wireId === 'string' ? wireId : ''}`)
    }
    this.#used.add(id)
    return id
  }
}
