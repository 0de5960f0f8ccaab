/**
 * The events of one answer differ in their text alone. Where an event equals an earlier one but
 * for the text, the text is read without parsing the rest again.
 */
export class TextEventTemplate {
  readonly #before: string
  readonly #after: string

  private constructor(before: string, after: string) {
    this.#before = before
    this.#after = after
  }

  /** Of an event that was parsed and said nothing but `text`, in `field`; `undefined` where it cannot serve. */
  static of(data: string, text: string, field: string): TextEventTemplate | undefined {
    const marker = `"${field}":"`
    const at = data.indexOf(marker)
    if (at < 0 || data.indexOf(marker, at + 1) >= 0 || needsParsing(text)) return undefined
    const from = at + marker.length
    if (!data.startsWith(`${text}"`, from)) return undefined
    return new TextEventTemplate(data.slice(0, from), data.slice(from + text.length))
  }

  /** The text of such an event; `undefined` for any other. */
  textOf(data: string): string | undefined {
    const end = data.length - this.#after.length
    if (end <= this.#before.length) return undefined
    // slices compare faster than startsWith and endsWith do
    if (data.slice(end) !== this.#after || data.slice(0, this.#before.length) !== this.#before) return undefined
    const text = data.slice(this.#before.length, end)
    return needsParsing(text) ? undefined : text
  }
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
