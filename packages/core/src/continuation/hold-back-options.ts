/** How long what is visible is kept back, so that an answer that dies early can be made again unseen. */
export interface HoldBackOptions {
  /** For text, in milliseconds from its first piece. Default 0: shown at once. */
  readonly textMs?: number
  /**
   * For tool calls, in milliseconds from the first one's start; the end of the answer ends it too. A call whose arguments
   * come broken meanwhile is asked for again. Default 2,000.
   */
  readonly toolCallMs?: number
}
