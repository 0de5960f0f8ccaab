const token = / ?[\p{L}\p{N}]{1,6}|./gsu

/**
 * Splits text into the simulator's tokens, whose joined text is the text: up to six letters or digits with the
 * space before them, or any one other character. No real tokenizer: deterministic, and of the right size.
 */
export function tokensOf(text: string): readonly string[] {
  return text.match(token) ?? []
}

export function countTokens(text: string): number {
  return tokensOf(text).length
}
