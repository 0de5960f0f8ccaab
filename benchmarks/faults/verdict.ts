import { isDeepStrictEqual } from 'node:util'
import { type Answer, otherText, rightArguments, rightText } from './ask.ts'

/** How one call ended, judged by what its caller got. */
export type Verdict =
  /** The whole right answer, and no error. */
  | 'exact'
  /** The second provider's own answer, whole, and nothing of the first's before it. */
  | 'other'
  /** An error, or a tool call that is told to be invalid, and nothing wrong before it. */
  | 'error'
  /** Part of the right answer, or none of it, as if that were all. */
  | 'silent-cut'
  /** What had been shown, and then again from the start. */
  | 'twice'
  /** Two answers in one. */
  | 'mixed'
  /** A tool call whose arguments are not what was meant, as if they were. */
  | 'broken-call'
  /** Longer than anybody waits. */
  | 'hang'

/** What one call brought. */
export interface Ending {
  /** All that was shown, whatever came then. */
  readonly shown: string
  readonly answer?: Answer
  readonly error?: unknown
  readonly hung?: true
}

export interface Judged {
  readonly verdict: Verdict
  /** How much of the right text its caller had at an error, from 0 to 1; of a whole answer what the error holds. */
  readonly share?: number
  readonly said?: string
}

const whole = [rightText, otherText]

export function judge(ending: Ending, asked: { readonly tool: boolean }): Judged {
  const { answer, error } = ending
  if (ending.hung) return { verdict: 'hang' }
  if (answer === undefined) return judgeError(ending, error)
  return { verdict: asked.tool ? judgeCall(answer) : judgeText(answer.text) }
}

function judgeError({ shown }: Ending, error: unknown): Judged {
  const partial = shown === '' ? partialText(error) : shown
  const said = error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error)
  const begun = whole.find(text => text.startsWith(partial))
  if (begun === undefined) return { verdict: judgeText(partial), said }
  return { verdict: 'error', share: Math.round((partial.length / begun.length) * 100) / 100, said }
}

function judgeText(text: string): Verdict {
  if (text === rightText) return 'exact'
  if (text === otherText) return 'other'
  if (whole.some(right => right.startsWith(text))) return 'silent-cut'
  return repeats(text) ? 'twice' : 'mixed'
}

/** Whether nothing but beginnings of the right text stand one after another. */
function repeats(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    let same = 0
    while (at + same < text.length && text[at + same] === rightText[same]) same++
    if (same === 0) return false
    at += same
  }
  return true
}

function judgeCall({ toolCalls }: Answer): Verdict {
  if (toolCalls.length === 0) return 'silent-cut'
  if (toolCalls.length > 1) return 'twice'
  return isDeepStrictEqual(parsed(toolCalls[0]?.arguments), rightArguments) ? 'exact' : 'broken-call'
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

function partialText(error: unknown): string {
  const content = (error as { partial?: { content?: readonly { type: string; text?: string }[] } })?.partial?.content
  return (content ?? []).map(part => (part.type === 'text' ? (part.text ?? '') : '')).join('')
}
