import { fault } from '../field-checks.ts'
import { toolCallId } from '../tool-call-id.ts'

interface Call {
  readonly id: string
  readonly path: string
  answered: boolean
}

/** Watches that calls and their outputs belong together, wherever in the input they stand. */
export class CallPairing {
  readonly #calls = new Map<string, Call>()
  readonly #stored: boolean

  /** `stored`: earlier calls may be known to the server alone. */
  constructor(stored: boolean) {
    this.#stored = stored
  }

  /** The id that is ours of a call. */
  call(callId: string, path: string): string {
    if (this.#calls.has(callId)) throw fault(path, `("${callId}") is used twice; each function_call needs its own.`)
    const id = toolCallId(callId)
    this.#calls.set(callId, { id, path, answered: false })
    return id
  }

  answer(callId: string, path: string): string {
    const call = this.#calls.get(callId)
    if (call === undefined) {
      if (this.#stored) return toolCallId(callId)
      throw fault(path, `("${callId}") answers no function_call before it; send the call too, or remove this output.`)
    }
    if (call.answered) throw fault(path, `("${callId}") answers a call that is answered already; send one output each.`)
    call.answered = true
    return call.id
  }

  /** @throws {SwitchyardError} where a call has no output. */
  end(): void {
    for (const [callId, { path, answered }] of this.#calls) {
      if (answered) continue
      throw fault(path, `("${callId}") has no output; send a function_call_output of this call_id after it.`)
    }
  }
}
