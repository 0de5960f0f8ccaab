import { InvalidRequest } from '../openai/refusal.ts'

const most = 1_000

/** Answers that the server keeps, each with the conversation that led to it. */
export class StoredResponses {
  readonly #conversations = new Map<string, readonly unknown[]>()

  keep(id: string, items: readonly unknown[]): void {
    this.#conversations.set(id, items)
    const [oldest] = this.#conversations.keys()
    if (this.#conversations.size > most && oldest !== undefined) this.#conversations.delete(oldest)
  }

  /** @throws {InvalidRequest} for an answer that was never kept. */
  conversation(id: string): readonly unknown[] {
    const items = this.#conversations.get(id)
    if (items !== undefined) return items
    const message = `Previous response with id '${id}' not found.`
    throw new InvalidRequest(400, message, 'previous_response_id', 'previous_response_not_found')
  }
}
