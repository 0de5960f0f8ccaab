import { TextEventTemplate } from '../text-event-template.ts'
import type { SpokenKind } from './stream-blocks.ts'

const timeMarker = '"created_at":"'

/** Lines that differ from an earlier one in their time and their text alone: the rest is not parsed again. */
export class RepeatedLine {
  readonly kind: SpokenKind
  /** All before the time. */
  readonly #beginning: string
  readonly #template: TextEventTemplate

  private constructor(kind: SpokenKind, beginning: string, template: TextEventTemplate) {
    this.kind = kind
    this.#beginning = beginning
    this.#template = template
  }

  /** Of a line that was parsed and said nothing but `text`; `undefined` where it cannot serve. */
  static of(line: string, kind: SpokenKind, text: string): RepeatedLine | undefined {
    const at = line.indexOf(timeMarker)
    // the time of something within the line may be of importance
    if (at < 0 || line.lastIndexOf('{', at) > 0) return undefined
    const beginning = line.slice(0, at + timeMarker.length)
    const rest = line.slice(line.indexOf('"', beginning.length))
    const template = TextEventTemplate.of(rest, text, kind === 'text' ? 'content' : 'thinking')
    return template && new RepeatedLine(kind, beginning, template)
  }

  /** The text of such a line; `undefined` for any other. */
  textOf(line: string): string | undefined {
    const { length } = this.#beginning
    if (line.slice(0, length) !== this.#beginning) return undefined
    return this.#template.textOf(line.slice(line.indexOf('"', length)))
  }
}
