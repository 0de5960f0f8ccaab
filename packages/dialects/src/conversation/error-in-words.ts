const saysError = /^\W*error/i

/** Whether a tool's result says by itself that it is an error. */
export function isErrorInWords(text: string): boolean {
  return saysError.test(text)
}

/** A failed tool's result for a wire that cannot mark it: its text says so. */
export function errorInWords(text: string): string {
  if (isErrorInWords(text)) return text
  return text === '' ? 'Error' : `Error: ${text}`
}

/** What stands for a part of a result that the wire cannot show: the model must not take it for nothing. */
export function absentPart(type: 'text' | 'image' | 'audio' | 'document' | 'opaque'): string {
  const what = type === 'image' || type === 'audio' ? `An ${type}` : 'A document'
  return `(${type === 'opaque' ? 'Something' : what} was here, which cannot be shown.)`
}
