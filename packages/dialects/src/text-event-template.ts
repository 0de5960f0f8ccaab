/**
 * The events of one answer differ in their text alone, and perhaps in a number that counts them. Where an event equals
 * an earlier one but for these, the text is read without parsing the rest again.
 */
export class TextEventTemplate {
  readonly #head: string
  /** What stands between the number and the text; absent where events are not counted. */
  readonly #middle: string | undefined
  readonly #after: string

  private constructor(head: string, middle: string | undefined, after: string) {
    this.#head = head
    this.#middle = middle
    this.#after = after
  }

  /**
   * Of an event that was parsed and said nothing but `text`, in `field`; `undefined` where it cannot serve. `counter`
   * is a field before it that holds a number of no importance.
   */
  static of(data: string, text: string, field: string, counter?: string): TextEventTemplate | undefined {
    const marker = `"${field}":"`
    const at = data.indexOf(marker)
    if (at < 0 || data.indexOf(marker, at + 1) >= 0 || needsParsing(text)) return undefined
    const from = at + marker.length
    if (!data.startsWith(`${text}"`, from)) return undefined
    const before = data.slice(0, from)
    const after = data.slice(from + text.length)
    if (counter === undefined) return new TextEventTemplate(before, undefined, after)
    const counted = `"${counter}":`
    const number = before.indexOf(counted) + counted.length
    const behind = afterDigits(before, number)
    if (number < counted.length || behind === number) return undefined
    return new TextEventTemplate(before.slice(0, number), before.slice(behind), after)
  }

  /** The text of such an event; `undefined` for any other. */
  textOf(data: string): string | undefined {
    const end = data.length - this.#after.length
    let from = this.#head.length
    // slices compare faster than startsWith and endsWith do
    if (end <= from || data.slice(end) !== this.#after || data.slice(0, from) !== this.#head) return undefined
    if (this.#middle !== undefined) {
      const behind = afterDigits(data, from)
      from = behind + this.#middle.length
      if (end <= from || data.slice(behind, from) !== this.#middle) return undefined
    }
    const text = data.slice(from, end)
    return needsParsing(text) ? undefined : text
  }
}

/** The place after the digits that begin here. */
function afterDigits(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) >= zero && text.charCodeAt(at) <= nine) at++
  return at
}

/** What a JSON string must escape, or the escape itself: text without them stands for itself. */
function needsParsing(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote || code === backslash || code < space) return true
  }
  return false
}

const quote = 34
const backslash = 92
const space = 32
const zero = 48
const nine = 57
