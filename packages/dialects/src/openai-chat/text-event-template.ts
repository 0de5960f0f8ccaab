// what a JSON string must escape, and the escape itself: text without it stands for itself
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const needsParsing = /["\\\u0000-\u001f]/
const marker = '"content":"'

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

  /** Of an event that was parsed and said nothing but `text`; `undefined` where it cannot serve. */
  static of(data: string, text: string): TextEventTemplate | undefined {
    const at = data.indexOf(marker)
    if (at < 0 || data.indexOf(marker, at + 1) >= 0 || needsParsing.test(text)) return undefined
    const from = at + marker.length
    if (!data.startsWith(`${text}"`, from)) return undefined
    return new TextEventTemplate(data.slice(0, from), data.slice(from + text.length))
  }

  /** The text of such an event; `undefined` for any other. */
  textOf(data: string): string | undefined {
    const end = data.length - this.#after.length
    if (end <= this.#before.length || !data.endsWith(this.#after) || !data.startsWith(this.#before)) return undefined
    const text = data.slice(this.#before.length, end)
    return needsParsing.test(text) ? undefined : text
  }
}
