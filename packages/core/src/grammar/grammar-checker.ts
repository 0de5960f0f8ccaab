import type { BlockChunk, MessageChunk } from '../contract/chunk.ts'
import { SwitchyardError } from '../contract/errors.ts'

type BlockKind = 'text' | 'reasoning' | 'tool-call' | 'opaque'

const role = (kind: BlockKind, step: 'start' | 'delta' | 'end') => ({ kind, step })

const roles: Readonly<Record<BlockChunk['type'], ReturnType<typeof role>>> = {
  'text-start': role('text', 'start'),
  'text-delta': role('text', 'delta'),
  'text-end': role('text', 'end'),
  'reasoning-start': role('reasoning', 'start'),
  'reasoning-delta': role('reasoning', 'delta'),
  'reasoning-end': role('reasoning', 'end'),
  'tool-call-start': role('tool-call', 'start'),
  'tool-call-delta': role('tool-call', 'delta'),
  'tool-call-end': role('tool-call', 'end'),
  'opaque-start': role('opaque', 'start'),
  'opaque-delta': role('opaque', 'delta'),
  'opaque-end': role('opaque', 'end'),
}

const callIdPattern = /^[A-Za-z0-9_-]{1,40}$/

/**
 * Holds a stream to the grammar of all streams: `start (block | ping | target)* finish`, where blocks
 * are start, delta and end of one id and may interleave.
 */
export class GrammarChecker {
  readonly #open = new Map<number, BlockKind>()
  readonly #ended = new Set<number>()
  readonly #callIds = new Set<string>()
  #phase: 'before' | 'running' | 'finished' = 'before'

  /** @throws {SwitchyardError} `protocol`, when the chunk may not come here. */
  add(chunk: MessageChunk): void {
    if (this.#phase === 'finished') throw violation(`a ${chunk.type} came after finish`)
    if (this.#phase === 'before') {
      if (chunk.type !== 'start') throw violation(`a ${chunk.type} came before start`)
      this.#phase = 'running'
      return
    }
    switch (chunk.type) {
      case 'start':
        throw violation('a second start came')
      case 'ping':
      case 'target':
        return
      case 'finish':
        for (const [id, kind] of this.#open) throw violation(`finish came while block ${id} (${kind}) was open`)
        this.#phase = 'finished'
        return
      default:
        this.#block(chunk)
    }
  }

  /** The stream has ended. @throws {SwitchyardError} `protocol`, when it was not finished. */
  end(): void {
    if (this.#phase === 'before') throw violation('it ended before start')
    if (this.#phase === 'running') throw violation('it ended without finish')
  }

  #block(chunk: BlockChunk): void {
    const role = roles[chunk.type]
    if (role === undefined) throw violation(`${JSON.stringify((chunk as { type: unknown }).type)} is no type of chunk`)
    if (role.step === 'start') this.#start(chunk.id, role.kind, 'choice' in chunk ? chunk.choice : undefined)
    else this.#expect(chunk.id, role.kind, chunk.type)
    if (chunk.type === 'tool-call-start') this.#callId(chunk.callId)
    if (role.step === 'end') this.#end(chunk.id)
    if (chunk.type === 'tool-call-end' && (chunk.input === undefined) === (chunk.invalid === undefined)) {
      throw violation(`tool-call-end of block ${chunk.id} must have either input or invalid`)
    }
  }

  #start(id: number, kind: BlockKind, choice: number | undefined): void {
    if (this.#open.has(id)) throw violation(`block ${id} was started while it was open`)
    if (this.#ended.has(id)) throw violation(`block ${id} was started again after its end`)
    if (choice !== undefined && !(Number.isSafeInteger(choice) && choice >= 0)) {
      throw violation(`block ${id} belongs to choice ${choice}, which is no whole number from 0`)
    }
    this.#open.set(id, kind)
  }

  #callId(callId: string): void {
    if (!callIdPattern.test(callId)) {
      throw violation(`the tool call id ${JSON.stringify(callId)} is not 1 to 40 of [A-Za-z0-9_-]`)
    }
    if (this.#callIds.has(callId)) throw violation(`the tool call id ${JSON.stringify(callId)} came twice`)
    this.#callIds.add(callId)
  }

  #expect(id: number, kind: BlockKind, type: string): void {
    const open = this.#open.get(id)
    if (open === undefined) {
      const why = this.#ended.has(id) ? 'had ended' : 'was never started'
      throw violation(`${type} came for block ${id}, which ${why}`)
    }
    if (open !== kind) throw violation(`${type} came for block ${id}, which is ${open}`)
  }

  #end(id: number): void {
    this.#open.delete(id)
    this.#ended.add(id)
  }
}

function violation(what: string): SwitchyardError {
  return new SwitchyardError('protocol', `The stream broke the grammar: ${what}.`)
}
