import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { fault, objectAt, optionalText, textAt } from '../field-checks.ts'

interface OpenCall {
  readonly id: string
  readonly wireId: string | undefined
  readonly name: string
  readonly path: string
}

/** Watches that function calls and responses belong together, by id or else by name, and gives each call an id of ours. */
export class CallPairing {
  readonly #ids = new AnswerCallIds('contents')
  #open: OpenCall[] = []
  #calls = 0

  /** A turn begins that answers nothing more. */
  turn(path: string): void {
    const [call] = this.#open
    if (call !== undefined)
      throw fault(call.path, `("${call.name}") has no functionResponse in the turn after it, before ${path}; send one.`)
  }

  call(value: unknown, path: string): string {
    const call = objectAt(value, path)
    const name = textAt(call.name, `${path}.name`)
    if (name === '') throw fault(`${path}.name`, 'is empty; name the function that is called.')
    if (call.args !== undefined) objectAt(call.args, `${path}.args`)
    const wireId = optionalText(call.id, `${path}.id`)
    const id = this.#ids.take(wireId, 0, this.#calls++)
    this.#open.push({ id, wireId, name, path })
    return id
  }

  answer(value: unknown, path: string): string {
    const response = objectAt(value, path)
    const name = textAt(response.name, `${path}.name`)
    const wireId = optionalText(response.id, `${path}.id`)
    const at = this.#open.findIndex(call => (wireId === undefined ? call.name === name : call.wireId === wireId))
    const call = this.#open[at]
    if (call === undefined)
      throw fault(path, `("${wireId ?? name}") answers no functionCall of the turn before it; send one for each call.`)
    this.#open.splice(at, 1)
    return call.id
  }
}
